using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Portal.Components.Tokens;

/// <summary>A new API token with the request for it.</summary>
public sealed record ShownToken(NewApiToken Wanted, IssuedToken Issued);

/// <summary>Shows a new API token and how to try it. The token can't be read again later.</summary>
public sealed partial class TokenPanel(VigiaSettings settings, NavigationManager navigation)
{
    private ElementReference _title;

    [Parameter, EditorRequired]
    public ShownToken Token { get; set; } = default!;

    /// <summary>Raised when the person has stored the token.</summary>
    [Parameter]
    public EventCallback OnKept { get; set; }

    // The example does not contain the token, because a shell keeps its history.
    private string Example => $"curl -H \"Authorization: Bearer $VIGIA_TOKEN\" \"{Base}{ApiUrls.Admin}/{Resource}\"";

    private string Base => (settings.PortalBaseUrl?.ToString() ?? navigation.BaseUri).TrimEnd('/');

    // An endpoint that this token may read.
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
