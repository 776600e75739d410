using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Notifies a person about their operations that ended while they were on another page or away. The browser stores the
/// time up to which the person was notified. A notice stays until it is closed. Renders no markup.
/// </summary>
public sealed class FinishedNotices : LiveComponent
{
    private const string Preference = "told-until";

    // If there are more, only their number is shown.
    private const int Most = 3;
    private DateTimeOffset? _toldUntil;
    private Actor? _actor;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    [Inject]
    private IStringLocalizer<LayoutText> T { get; set; } = default!;

    [Inject]
    private IStringLocalizer<OperationText> Words { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await Session.ActorAsync();
        if (!_actor.May(Rights.OperationsView))
        {
            return;
        }

        Watch(ChangeTopic.Operations, _ => TellAsync());
        var told = await Page.JS.InvokeAsync<string?>("vigia.preference", Ending, Preference);
        _toldUntil = DateTimeOffset.TryParse(told, CultureInfo.InvariantCulture, out var until) ? until
            : Page.Time.GetUtcNow();
        if (told is null)
        {
            await RememberAsync();
        }

        await TellAsync();
    }

    private async Task TellAsync()
    {
        if (_toldUntil is not { } until)
        {
            return;
        }

        var ended = await Operations.ListEndedAsync(_actor!, until, 100, Ending);
        if (ended.Count == 0 || _toldUntil != until)
        {
            return;
        }

        _toldUntil = ended[^1].FinishedAt;
        await RememberAsync();
        var unseen = ended.Where(operation => !IsOnPage(operation)).ToList();
        if (unseen.Count > Most)
        {
            Add(T["FinishedMany", unseen.Count], PortalUrls.Operations,
                unseen.Exists(o => o.State == OperationState.Failed) ? Severity.Error : Severity.Info);
            return;
        }

        foreach (var operation in unseen)
        {
            var state = Page.Shared[StateLook.Operation(operation.State).TextKey];
            var what = $"{OperationWords.Kind(operation.Kind, Words)} · {operation.Subdomain ?? OperationWords.Whom(operation, Words)}: {state}";
            Add(what, PortalUrls.Operation(operation.Id), operation.State switch
            {
                OperationState.Succeeded => Severity.Success,
                OperationState.Failed => Severity.Error,
                _ => Severity.Info,
            });
        }
    }

    // The page of the operation or of its tenant already shows the result.
    private bool IsOnPage(Operation operation)
    {
        var path = new Uri(Navigation.Uri).AbsolutePath;
        return path == PortalUrls.Operation(operation.Id)
            || (operation.TenantId is { } tenant && path == PortalUrls.Tenant(tenant));
    }

    private void Add(string text, string address, Severity severity) => Snackbar.Add(text, severity, options =>
    {
        options.RequireInteraction = true;
        options.Action = T["FinishedSee"];
        options.OnClick = _ =>
        {
            Navigation.NavigateTo(address);
            return Task.CompletedTask;
        };
    });

    private ValueTask RememberAsync() =>
        Page.JS.InvokeVoidAsync(
        "vigia.remember", Ending, Preference, _toldUntil!.Value.ToString("O", CultureInfo.InvariantCulture));
}
