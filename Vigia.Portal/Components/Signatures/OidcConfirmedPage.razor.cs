using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.SignIn.Oidc;

namespace Vigia.Portal.Components.Signatures;

/// <summary>
/// The last page in the window of a re-authentication through the identity provider. It passes the confirmation to the
/// page that waits for it.
/// </summary>
public sealed partial class OidcConfirmedPage(
    OidcTicket ticket, OwnOidc own, IOptions<OidcOptions> options, NavigationManager navigation)
{
    private string? _channel;
    private string? _confirmation;
    private OidcNote? _note;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Canal { get; set; }

    [SupplyParameterFromQuery]
    private string? Aviso { get; set; }

    protected override async Task OnInitializedAsync()
    {
        if (!options.Value.IsConfigured)
        {
            navigation.NotFound();
            return;
        }

        HttpContext.Response.Headers.CacheControl = "no-store";
        if (OidcNotes.Find(Aviso) is { } failed)
        {
            (_channel, _note) = (Canal ?? "", failed);
        }
        else
        {
            await ConfirmAsync();
        }

        HttpContext.Response.StatusCode = _note?.Status ?? StatusCodes.Status200OK;
    }

    private async Task ConfirmAsync()
    {
        var actor = StaffSession.ActorOf(HttpContext.User, HttpContext.Connection.RemoteIpAddress?.ToString());
        if (await ticket.TakeAsync(HttpContext, OidcPurpose.Confirm) is not (
            { What: { } what, Channel: { } channel } flow, var who) || flow.StaffId != actor.StaffId)
        {
            (_channel, _note) = ("", OidcNotes.Find(OidcNotes.Failed));
            return;
        }

        _channel = channel;
        try
        {
            _confirmation = await own.ConfirmAsync(actor, who, what, flow.AskedAt, HttpContext.RequestAborted);
        }
        catch (RuleException refusal)
        {
            _note = OidcNotes.Find(OidcNotes.CodeOf(refusal));
        }
    }
}
