using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Shows that operations ended, with a link to each. A page that shows the result already gets no notice.
/// </summary>
public sealed class FinishedNotice(
    NavigationManager navigation, PageNotices notices, IStringLocalizer<LayoutText> texts,
    IStringLocalizer<OperationText> words, IStringLocalizer<SharedText> shared)
{
    // If there are more, only their number is shown.
    private const int Most = 3;

    public void Show(IReadOnlyList<Operation> ended)
    {
        var unseen = ended.Where(operation => !IsOnPage(operation)).ToList();
        if (unseen.Count > Most)
        {
            Add(texts["FinishedMany", unseen.Count], PortalUrls.Operations,
                unseen.Exists(o => o.State == OperationState.Failed) ? Severity.Error : Severity.Info);
            return;
        }

        foreach (var operation in unseen)
        {
            var state = shared[StateLook.Operation(operation.State).TextKey];
            var subject = operation.TenantName ?? OperationWords.Subject(operation, words);
            var what = $"{OperationWords.Kind(operation, words)} · {subject}: {state}";
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

    private void Add(string text, string address, Severity severity) =>
        notices.Show(text, severity, texts["FinishedSee"], address);
}
