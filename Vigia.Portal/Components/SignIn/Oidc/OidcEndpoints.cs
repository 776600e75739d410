using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>
/// The endpoints that send a person to the provider and receive them after the framework has validated the response.
/// They are plain GETs, because our content policy forbids a form that redirects to another site. Nothing here changes
/// data before the person has proved who they are.
/// </summary>
internal static partial class OidcEndpoints
{
    private const int LongestAction = 100;

    public static void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OidcOptions>>().Value.IsConfigured)
        {
            return;
        }

        // A round to the provider begins on the portal's own pages. A person with an open session there is asked
        // nothing, so another site could otherwise sign them in here.
        var own = new SameOriginOnlyAttribute();
        app.MapGet(PortalUrls.OidcSignIn, SignInAsync).AllowAnonymous().WithMetadata(own);
        app.MapGet(PortalUrls.OidcSignedIn, SignedInAsync).AllowAnonymous();
        var person = app.MapGroup("").RequireAuthorization(RightPolicies.Of(Rights.AccountOwn));
        person.MapGet(PortalUrls.OidcConfirm, ConfirmAsync).WithMetadata(own);
        person.MapGet(PortalUrls.OidcLink, LinkAsync).WithMetadata(own);
        person.MapGet(PortalUrls.OidcLinked, LinkedAsync);
    }

    private static Task<IResult> SignInAsync(HttpContext context, TimeProvider time, string? returnUrl, bool? otra) =>
        context.User.Identity?.IsAuthenticated == true
            ? Task.FromResult(Results.LocalRedirect(PortalUrls.LocalOrPanel(returnUrl)))
            : AskAsync(context, new OidcFlow(
                OidcPurpose.SignIn, time.GetUtcNow())
            {
                ReturnUrl = returnUrl is null ? null
                : PortalUrls.LocalOrPanel(returnUrl), AskAgain = otra == true
            });

    private static async Task<IResult> SignedInAsync(
        HttpContext context, OidcTicket ticket, OidcSignIn accounts, StaffSignIn signIn)
    {
        if (await ticket.TakeAsync(context, OidcPurpose.SignIn) is not var (flow, who))
        {
            return Failed(null, OidcNotes.Failed);
        }

        try
        {
            var member = await accounts.FindAsync(who, Address(context), context.RequestAborted);
            var check = await signIn.ProviderAsync(
                member, who.HasSecondFactor ? SignInMethods.OidcAndFactor : SignInMethods.Oidc, Address(context),
                context.RequestAborted);
            return check.Outcome == CredentialOutcome.Refused ? Failed(flow, OidcNotes.Refused)
                : Results.LocalRedirect(StaffSignIn.After(check.Outcome, flow.ReturnUrl));
        }
        catch (RuleException refusal)
        {
            return Failed(flow, OidcNotes.CodeOf(refusal));
        }
    }

    private static Task<IResult> ConfirmAsync(
        HttpContext context, TimeProvider time, string? accion, string? objeto, string? canal) =>
        accion is { Length: > 0 and <= LongestAction } && objeto is { Length: <= LongestAction }
            && canal is { Length: > 0 and <= LongestAction } && canal.All(char.IsAsciiLetterOrDigit)
            ? AskAsync(context, new OidcFlow(OidcPurpose.Confirm, time.GetUtcNow())
            {
                What = new SignedAction(accion, objeto),
                Channel = canal,
                StaffId = StaffSession.ActorOf(context.User, null).StaffId,
                AskAgain = true,
            })
            : Task.FromResult(Results.BadRequest());

    private static Task<IResult> LinkAsync(HttpContext context, TimeProvider time, string? confirmacion) =>
        AskAsync(context, new OidcFlow(
            OidcPurpose.Link, time.GetUtcNow())
        {
            Proof = confirmacion ?? "",
            StaffId = StaffSession.ActorOf(context.User, null).StaffId
        });

    private static async Task<IResult> LinkedAsync(HttpContext context, OidcTicket ticket, OwnOidc own)
    {
        var actor = StaffSession.ActorOf(context.User, Address(context));
        if (await ticket.TakeAsync(context, OidcPurpose.Link) is not var (flow, who) || flow.StaffId != actor.StaffId)
        {
            return Results.LocalRedirect(PortalUrls.Noting(PortalUrls.MyAccount, OidcNotes.Failed));
        }

        try
        {
            // An address can never carry a password, so only a confirmation is accepted here.
            await own.LinkAsync(
                actor, who, flow.Proof
                ?.StartsWith(Confirmations.Prefix, StringComparison.Ordinal) == true ? flow.Proof
                : Confirmations.Prefix, context.RequestAborted);
            return Results.LocalRedirect(PortalUrls.MyAccount);
        }
        catch (RuleException refusal)
        {
            return Failed(flow, OidcNotes.CodeOf(refusal));
        }
    }

    private static async Task<IResult> AskAsync(HttpContext context, OidcFlow flow)
    {
        try
        {
            await context.ChallengeAsync(OidcSetup.Scheme, flow.ToProperties());
            return Results.Empty;
        }
        catch (Exception e) when (OidcEvents.CodeOf(e) is { } code)
        {
            LogAway(context.RequestServices.GetRequiredService<ILogger<OidcEvents>>(), code, e.Message);
            return Failed(flow, code);
        }
    }

    private static IResult Failed(OidcFlow? flow, string code) => Results.LocalRedirect(OidcFlow.Failed(flow, code));

    private static string? Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody can be sent to the identity provider ({Code}): {Why}")]
    private static partial void LogAway(ILogger logger, string code, string why);
}
