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
public sealed class FinishedNotices(
    ChangeFeed feed, OperationService operations, StaffSession session, NavigationManager navigation,
    ISnackbar snackbar, IStringLocalizer<LayoutText> texts, IStringLocalizer<OperationText> words, PageServices page)
    : LiveComponent(feed)
{
    private const string Preference = "told-until";

    // If there are more, only their number is shown.
    private const int Most = 3;
    private DateTimeOffset? _toldUntil;
    private Actor? _actor;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await session.ActorAsync();
        if (!_actor.May(Rights.OperationsView))
        {
            return;
        }

        Watch(ChangeTopic.Operations, _ => TellAsync());
        var told = await page.JS.InvokeAsync<string?>("vigia.preference", Ending, Preference);
        _toldUntil = DateTimeOffset.TryParse(told, CultureInfo.InvariantCulture, out var until) ? until
            : page.Time.GetUtcNow();
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

        var ended = await operations.ListEndedAsync(_actor!, until, 100, Ending);
        if (ended.Count == 0 || _toldUntil != until)
        {
            return;
        }

        _toldUntil = ended[^1].FinishedAt;
        await RememberAsync();
        var unseen = ended.Where(operation => !IsOnPage(operation)).ToList();
        if (unseen.Count > Most)
        {
            Add(texts["FinishedMany", unseen.Count], PortalUrls.Operations,
                unseen.Exists(o => o.State == OperationState.Failed) ? Severity.Error : Severity.Info);
            return;
        }

        foreach (var operation in unseen)
        {
            var state = page.Shared[StateLook.Operation(operation.State).TextKey];
            var whom = operation.Subdomain ?? OperationWords.Whom(operation, words);
            var what = $"{OperationWords.Kind(operation.Kind, words)} · {whom}: {state}";
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
        var path = new Uri(navigation.Uri).AbsolutePath;
        return path == PortalUrls.Operation(operation.Id)
            || (operation.TenantId is { } tenant && path == PortalUrls.Tenant(tenant));
    }

    private void Add(string text, string address, Severity severity) => snackbar.Add(text, severity, options =>
    {
        options.RequireInteraction = true;
        options.Action = texts["FinishedSee"];
        options.OnClick = _ =>
        {
            navigation.NavigateTo(address);
            return Task.CompletedTask;
        };
    });

    private ValueTask RememberAsync() =>
        page.JS.InvokeVoidAsync(
        "vigia.remember", Ending, Preference, _toldUntil!.Value.ToString("O", CultureInfo.InvariantCulture));
}
