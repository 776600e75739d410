using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>
/// The databases of the server that every role may connect to, with the statements that close them. Renders nothing
/// when there are none. Their names are shown only to people with the right to prove isolation and access to all
/// tenants.
/// </summary>
public sealed partial class UnpreparedServer(
    PageFeed feed, ServerPreparation preparation, PageDialogs dialogs, PageNotices notices) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private SeenOpenings? _openings;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() =>
        Actor.May(TenantAction.ProveIsolation.Right) && Actor.TenantScope is null
            ? FollowSharedAsync(ReadAsync, ChangeTopic.Tenants) : Task.CompletedTask;

    private string Listed(IReadOnlyList<string> names) => names.Count < 2 ? string.Concat(names)
        : T["And", string.Join(", ", names.SkipLast(1)), names[^1]];

    private Task ReadAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            Actor, new SharedQuestion("server:openings", null, ChangeTopic.Tenants),
            reading => preparation.LastAsync(Actor, reading), until),
        openings => _openings = openings);

    private async Task PrepareAsync()
    {
        var request = new ConfirmRequest(T["PrepareTitle"], T["PrepareEffect"], T["Prepare"])
        {
            DetailsTitle = T["Statements"],
            Details = _openings!.Found.Statements,
            Destructive = true,
        };
        var isDone = await dialogs.ConfirmAsync(request, async _ =>
        {
            await preparation.PrepareAsync(Actor, CancellationToken.None);
            notices.Say(T["Prepared"]);
        });
        if (isDone)
        {
            // No tenant has changed, so the shared answer is still the one from before.
            await ReadAsync(
                _reading, until => preparation.LastAsync(Actor, until), openings => _openings = openings);
        }
    }

    private async Task<bool> LookAsync()
    {
        await ReadAsync(_reading, until => preparation.ReadAsync(Actor, until), openings => _openings = openings);
        return true;
    }
}
