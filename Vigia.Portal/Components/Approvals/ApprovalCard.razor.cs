using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Approvals;

/// <summary>
/// One request: the values that the first person saw beside the current ones, and the buttons for the two decisions.
/// </summary>
// More than five dependencies: the card compares what the first person saw with what the second one decides on.
public sealed partial class ApprovalCard(
    PageFeed feed, ApprovalService approvals, TenantSearch tenants, TenantContents contents, PageDialogs dialogs,
    PageNotices notices) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private ApprovalFacts _seen = new();
    private TenantView? _now;
    private TenantContent? _content;
    private bool _isRead;

    [Parameter, EditorRequired]
    public Approval Approval { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The viewer can't decide: they or the requester recently took part in the other's access.</summary>
    [Parameter]
    public bool IsDependent { get; set; }

    private int TenantId => Approval.TenantId!.Value;

    private string About => Approval.LegalName ?? Approval.Subdomain ?? "";

    private bool IsOwn => Approval.RequestedBy == Actor.StaffId;

    protected override Task OnInitializedAsync()
    {
        _seen = ApprovalFacts.Of(Approval);
        return FollowAsync(ChangeTopic.Tenants, TenantId, ReadAsync);
    }

    private Task ReadAsync() => ReadAsync(
        _reading, TenantId,
        async (id, until) => (
            Now: (await tenants.FindAsync(Actor, [id], until)).GetValueOrDefault(id),
            Content: await contents.ReadAsync(Actor, id, until)),
        found => (_now, _content, _isRead) = (found.Now, found.Content, true));

    private IEnumerable<(string Label, string Then, string? Now, bool IsCode)> Facts()
    {
        yield return (NameLabel.Of(_seen.Ruc, Shared), _seen.LegalName ?? "", _now?.Row.LegalName, false);
        yield return ("RUC", _seen.Ruc ?? "", _now?.Row.Ruc, true);
        yield return (T["Subdomain"], _seen.Subdomain ?? "", _now?.Row.Subdomain, true);
        yield return (T["Database"], _seen.DatabaseName ?? "", _now?.Row.DatabaseName, true);
        yield return (T["Active"], YesNo(_seen.IsActive), _now is null ? null : YesNo(_now.Row.IsActive), false);
        yield return (T["Size"], Size(_seen.SizeBytes), _now is null ? null : Size(_now.SizeBytes), false);
        yield return (T["Users"], Number(_seen.Content?.Users), Now(c => c.Users), false);
        yield return (T["Cases"], Number(_seen.Content?.Cases), Now(c => c.Cases), false);
        yield return (T["Connected"], Number(_seen.Content?.Connections), Now(c => c.Connections), false);
        yield return (T["LastCase"], Moment(_seen.Content), _now is null ? null : Moment(_content), false);
    }

    private string? Now(Func<TenantContent, long> count) =>
        _now is null ? null : Number(_content is null ? null : count(_content));

    private string YesNo(bool value) => T[value ? "Yes" : "No"];

    private string Moment(TenantContent? content) =>
        content is null ? T["Unknown"] : content.LastCaseAt is { } at ? LimaTime.Exact(at) : T["NoCases"];

    private string Number(long? value) =>
        value is { } number ? number.ToString("N0", CultureInfo.CurrentCulture) : T["Unknown"];

    private string Size(long? bytes) => bytes is { } size ? HumanSize.Format(size) : T["Unknown"];

    private async Task ApproveAsync()
    {
        await dialogs.AskAsync<ApproveDialog, bool>(
            new DialogParameters<ApproveDialog>
            { { dialog => dialog.Approval, Approval }, { dialog => dialog.Actor, Actor } });
    }

    private Task<bool> RefuseAsync()
    {
        var question = new ConfirmRequest(
            T["RefuseTitle", Approval.LegalName ?? ""], T["RefuseEffect", Approval.RequestedByName], T["Refuse"])
        {
            Subject = About, AsksText = true, TextRequired = true,
            Draft = DraftName.Of(Actor, "refuse-deletion", Approval.Id),
        };
        return dialogs.ConfirmAsync(question, async answer =>
        {
            await approvals.RefuseAsync(Actor, Approval.Id, answer.ReasonText, CancellationToken.None);
            notices.Say(NoteAbout(About, T["Refused"]));
        });
    }
}
