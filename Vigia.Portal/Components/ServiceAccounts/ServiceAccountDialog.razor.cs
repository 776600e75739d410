using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Team;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>The result of the dialog.</summary>
/// <param name="Name">The name of the account.</param>
/// <param name="Issued">The first token of a new account; null when an account was changed.</param>
public sealed record ServiceAccountSaved(string Name, IssuedServiceToken? Issued);

/// <summary>Creates a service account with its first token, or changes one. Closes with the result.</summary>
// More than five dependencies: a dialog with dates, people and tenants to choose from.
public sealed partial class ServiceAccountDialog(
    PageNotices notices, BrowserCalls browser, TimeProvider time, ServiceAccountService accounts,
    ServiceAccountDirectory directory, TenantSearch tenants) : DatedFormDialog(notices, browser)
{
    private const string EndsOnId = "service-ends";
    private ServiceAccountForm _form = default!;
    private IReadOnlyList<ServiceOwner> _people = [];
    private MudButton? _cancel;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The account to change. Null for a new one.</summary>
    [Parameter]
    public ServiceAccountView? Account { get; set; }

    protected override string Subject => Account?.Name ?? T["Accounts"];

    protected override string? UnreadableDay => _form.EndsOn.IsUnreadable ? EndsOnId : null;

    private DraftName Draft => Account is null ? DraftName.Of(Actor, "service-account-new")
        : DraftName.Of(Actor, "service-account", Account.Id);

    private SignedAction What => Account is null ? ServiceAccountSigned.Create(_form.ToContent(), null)
        : ServiceAccountSigned.Change(Account.Id, _form.ToContent(), Account.Version);

    private string Details => string.Join(
        " · ", [Account?.Name ?? _form.Name,
            .. ServiceRights.All.Where(_form.Rights.Contains).Select(right => TeamWords.Right(right, Team)),
            .. _form.ToContent().Networks, .. Limits]);

    private IEnumerable<string> Limits =>
        [.. _form.ToContent().TenantIds is null ? [$"{T["Tenants"]}: {T["TenantsAll"]}"]
            : _form.Tenants.Select(tenant => tenant.LegalName ?? $"{tenant.Id}"),
            .. _form.ToContent().EndsOn is { } day ? [$"{day:d}"] : Array.Empty<string>()];

    protected override void ShowErrors(InvalidInputException? invalid) => _form.Show(invalid);

    protected override async Task OnInitializedAsync()
    {
        _form = new ServiceAccountForm(Account, time.GetUtcNow());
        _people = await FetchAsync(until => directory.OwnersAsync(Actor, until));
        if (Account?.TenantIds is { } ids)
        {
            // A draft may have been restored meanwhile. Only names are added.
            var known = await FetchAsync(until => tenants.FindAsync(Actor, [.. ids], until));
            _form.NameTenants(known.ToDictionary(tenant => tenant.Key, tenant => tenant.Value.Row.LegalName));
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task SaveAsync()
    {
        await SubmitAsync(async () =>
        {
            var wanted = _form.ToContent();
            if (Account is null)
            {
                var issued = await accounts.CreateAsync(Actor, wanted, null, Proof, CancellationToken.None);
                Dialog.Close(DialogResult.Ok(new ServiceAccountSaved(issued.Name, issued)));
                return;
            }

            await accounts.ChangeAsync(Actor, Account.Id, Account.Version, wanted, Proof, CancellationToken.None);
            Dialog.Close(DialogResult.Ok(new ServiceAccountSaved(Account.Name, null)));
        });
    }
}
