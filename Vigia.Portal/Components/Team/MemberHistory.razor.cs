using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// The roles that a person held, with dates, and their latest actions. New actions come in only while the pointer and
/// the focus are outside the list. Otherwise a pill shows how many there are.
/// </summary>
public sealed partial class MemberHistory(PageFeed feed, AuditReader reader) : LiveComponent(feed)
{
    private const int Most = 20;
    private readonly LatestRead _reading = new();
    private AuditPage? _page;
    private bool _inUse;
    private int _new;

    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private AuditListView View => new() { Actor = Details.Member.Id.ToString() };

    protected override async Task OnInitializedAsync()
    {
        if (Actor.May(Rights.AuditView))
        {
            await FollowSharedAsync(() => _page is null ? ReloadAsync() : ReadNewAsync(), ChangeTopic.Audit);
        }
    }

    private static AuditFilter Of(Guid person) => new() { Actor = person.ToString(), IsFolded = true };

    private Task ReloadAsync() => ReadAsync(_reading, Details.Member.Id, ListAsync, Show);

    private Task<AuditPage> ListAsync(Guid person, CancellationToken cancellationToken) =>
        reader.ListAsync(Actor, Of(person), 1, Most, cancellationToken);

    private void Show(AuditPage page) => (_page, _new) = (page, 0);

    // Most records are about what others did. They cost a count only.
    private Task ReadNewAsync() => ReadAsync(
        _reading, Details.Member.Id,
        async (person, until) =>
        {
            var head = _page!.Head.Seq;
            var added = await Feed.SharedAsync(
                Actor, new SharedQuestion("audit:deeds", (person, head), ChangeTopic.Audit),
                reading => reader.CountAsync(Actor, Of(person), head, reading), until);
            return (Added: added, Page: added > 0 && !_inUse ? await ListAsync(person, until) : null);
        },
        found =>
        {
            if (found.Page is { } page)
            {
                Show(page);
            }
            else
            {
                _new = found.Added;
            }
        });
}
