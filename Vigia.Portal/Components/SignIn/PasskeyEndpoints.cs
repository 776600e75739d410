using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// The endpoints for js/account.js about passkeys and confirmations. They accept requests from the portal's own pages
/// only: each one carries the page's antiforgery token in a header. A refusal is a sentence in the person's language.
/// </summary>
internal static class PasskeyEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var anybody = endpoints.MapGroup("").AddEndpointFilter(GuardAsync).DisableAntiforgery().AllowAnonymous();
        anybody.MapPost(PortalUrls.PasskeySignInOptions, SignInOptionsAsync);
        anybody.MapPost(PortalUrls.PasskeySignIn, SignInAsync);
        var person = endpoints.MapGroup("").AddEndpointFilter(GuardAsync).DisableAntiforgery()
            .RequireAuthorization(RightPolicies.Of(Rights.AccountOwn));
        person.MapPost(PortalUrls.PasskeyNewOptions, NewOptionsAsync);
        person.MapPost(PortalUrls.PasskeyNew, AddAsync);
        person.MapPost(PortalUrls.ConfirmOptions, ConfirmOptionsAsync);
        person.MapPost(PortalUrls.Confirm, ConfirmAsync);
    }

    private static async Task<IResult> SignInOptionsAsync(
        HttpContext context, PasskeySignIn passkeys, SignInLimiter limiter) =>
        limiter.Refuse(context, SignInWay.Passkey) is { } wait
            ? TooOften(context, wait) : Json(await passkeys.AskAsync(null, context.RequestAborted));

    private static async Task<IResult> SignInAsync(
        HttpContext context, CredentialRequest request, PasskeySignIn passkeys, StaffSignIn signIn,
        SignInLimiter limiter)
    {
        if (limiter.Refuse(context, SignInWay.Passkey) is { } wait)
        {
            return TooOften(context, wait);
        }

        var member = await passkeys.CheckAsync(request.Credential, context.RequestAborted);
        await signIn.AcceptAsync(member, SignInMethods.Passkey, Address(context), context.RequestAborted);
        return Results.Json(new { to = PortalUrls.LocalOrPanel(request.ReturnUrl) });
    }

    // The person re-authenticates before the device creates a passkey. The confirmation of that is required to store
    // it.
    private static async Task<IResult> NewOptionsAsync(
        HttpContext context, NewOptionsRequest request, UserManager<StaffMember> staff, PasskeySignIn passkeys,
        OwnPasskeys own, Reauthentication reauthentication, Confirmations confirmations)
    {
        passkeys.DemandName(context.Request);
        var (actor, member) = await PersonAsync(context, staff);
        await own.DemandRoomAsync(actor, request.Name, context.RequestAborted);
        var what = OwnPasskeys.AdditionOf(member.Id, request.Name);
        var method = await reauthentication.DemandAsync(actor, what, request.Proof, context.RequestAborted);
        return Results.Json(
            new
            {
                options = await passkeys.AskNewAsync(member, context.RequestAborted),
                confirmation = await confirmations.IssueAsync(member.Id, what, method, context.RequestAborted)
            });
    }

    private static async Task<IResult> AddAsync(
        HttpContext context, NewPasskeyRequest request, UserManager<StaffMember> staff, PasskeySignIn passkeys,
        OwnPasskeys own)
    {
        var (actor, member) = await PersonAsync(context, staff);
        var passkey = await passkeys.CheckNewAsync(member, request.Credential, context.RequestAborted);
        await own.AddAsync(actor, passkey, request.Name ?? "", request.Confirmation, context.RequestAborted);
        return Results.Json(new { });
    }

    private static async Task<IResult> ConfirmOptionsAsync(
        HttpContext context, UserManager<StaffMember> staff, PasskeySignIn passkeys) =>
        Json(await passkeys.AskAsync((await PersonAsync(context, staff)).Member, context.RequestAborted));

    private static async Task<IResult> ConfirmAsync(
        HttpContext context, ConfirmRequest request, UserManager<StaffMember> staff, PasskeySignIn passkeys,
        Confirmations confirmations)
    {
        var (_, member) = await PersonAsync(context, staff);
        if (request is not { Action: { Length: > 0 and <= 100 } action, Target: { Length: <= 100 } target }
            || (await passkeys.CheckAsync(request.Credential, context.RequestAborted)).Id != member.Id)
        {
            throw new RuleException("passkey_refused");
        }

        return Results.Json(
            new
            {
                confirmation =
            await confirmations.IssueAsync(
            member.Id, new SignedAction(action, target), SignInMethods.Passkey, context.RequestAborted)
            });
    }

    private static async Task<(Actor Actor, StaffMember Member)> PersonAsync(
        HttpContext context, UserManager<StaffMember> staff) =>
        (StaffSession.ActorOf(context.User, Address(context)),
            await staff.GetUserAsync(context.User) ?? throw new ForbiddenException("signed_in"));

    private static async ValueTask<object?> GuardAsync(
        EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (!await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
        {
            return Refused(new Message("page_stale"), StatusCodes.Status400BadRequest);
        }

        try
        {
            return await next(call);
        }
        catch (InvalidInputException wrong)
        {
            return Refused(wrong.Errors.First().Value[0], StatusCodes.Status422UnprocessableEntity);
        }
        catch (RuleException refusal)
        {
            return Refused(refusal.Reason, StatusCodes.Status403Forbidden);
        }
    }

    private static IResult TooOften(HttpContext context, int seconds) =>
        Refused(new Message("sign_in_too_often", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            context.Response.StatusCode);

    private static IResult Refused(Message reason, int status) =>
        Results.Json(new { error = reason.Render(), code = reason.Code }, statusCode: status);

    private static IResult Json(string json) => Results.Content(json, "application/json");

    private static string? Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    private sealed record CredentialRequest(string? Credential, string? ReturnUrl);

    private sealed record NewOptionsRequest(string? Proof, string? Name);

    private sealed record NewPasskeyRequest(string? Credential, string? Name, string? Confirmation);

    private sealed record ConfirmRequest(string? Credential, string? Action, string? Target);
}
