using Microsoft.AspNetCore.Components;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Api;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>A token that was just made, with what was asked for.</summary>
public sealed record ShownToken(NewApiToken Wanted, IssuedToken Issued);

/// <summary>Shows a token, the only time it can be read, and how to try it.</summary>
public sealed partial class TokenPanel
{
    private ElementReference _title;

    [Parameter, EditorRequired]
    public ShownToken Token { get; set; } = default!;

    /// <summary>The person has put it where it belongs.</summary>
    [Parameter]
    public EventCallback OnKept { get; set; }

    [Inject]
    private VigiaSettings Settings { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    // Without the token in it: a shell keeps what was typed.
    private string Example => $"curl -H \"Authorization: Bearer $VIGIA_TOKEN\" \"{Base}{ApiUrls.Admin}/{Resource}\"";

    private string Base => (Settings.PortalBaseUrl?.ToString() ?? Navigation.BaseUri).TrimEnd('/');

    // Something that this token may read.
    private string Resource => Token.Wanted.Rights switch
    {
        var rights when rights.Contains(Rights.TenantsView) => "clientes",
        var rights when rights.Contains(Rights.OperationsView) => "operations",
        var rights when rights.Contains(Rights.AuditView) => "audit",
        _ => "clientes",
    };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _title.FocusAsync();
        }
    }
}
