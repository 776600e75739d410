using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.Welcome;

/// <summary>
/// The page of an invitation on the tenant's host. It uses neither a cookie nor a session: the link itself is the
/// authorisation, and no other site can know it. So its form needs no antiforgery token.
/// </summary>
// More than five dependencies: it resolves its tenant, shows texts, and logs what failed.
public sealed partial class WelcomeEndpoints(
    TenantFinder finder, TenantUrls urls, InvitationAcceptance invitations, IStringLocalizer<WelcomeText> texts,
    IHttpContextAccessor http, ILogger<WelcomeEndpoints> logger)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    /// <summary>Maps the page.</summary>
    /// <param name="waitOf">
    /// Counts a request of its source. Returns how long it has to wait; null when it may go on.
    /// </param>
    internal static void Map(IEndpointRouteBuilder endpoints, Func<HttpContext, TimeSpan?> waitOf)
    {
        endpoints.MapGet(PortalUrls.TenantInvitation, (HttpContext context, WelcomeEndpoints page) =>
            page.AnswerAsync(waitOf(context), page.ShowAsync)).AllowAnonymous();
        endpoints.MapPost(PortalUrls.TenantInvitation, (HttpContext context, WelcomeEndpoints page) =>
            page.AnswerAsync(waitOf(context), page.AcceptAsync)).DisableAntiforgery().AllowAnonymous();
    }

    private HttpContext Context => http.HttpContext!;

    private string? Token => Context.Request.Query["token"] is [var token] ? token : null;

    private async Task<IResult> AnswerAsync(TimeSpan? wait, Func<TenantEntry, Task<WelcomeView>> show)
    {
        // The address of the page is a secret: no request that comes from it may name it.
        Context.Response.Headers["Referrer-Policy"] = "no-referrer";
        Context.Response.Headers.CacheControl = "no-store";

        if (wait is not null)
        {
            return Page(new WelcomeView(WelcomeState.Busy) { RetryAfter = wait });
        }

        // The host alone names the tenant: a browser sends no header and no token.
        var found = await finder.ResolveAsync(
            new TenantClues(null, null, Context.Request.Host.Value), Context.RequestAborted);
        if (found is { Refusal: TenantRefusal.Renamed, Entry: { } renamed })
        {
            // A link that was mailed before a rename. Never for good, because a rename can be undone. A form is not
            // sent on: the page shows it again at the new address.
            Context.Response.Headers.Location =
                urls.Of(renamed.Subdomain) + Context.Request.Path + Context.Request.QueryString;
            return Results.StatusCode(HttpMethods.IsPost(Context.Request.Method)
                ? StatusCodes.Status303SeeOther : StatusCodes.Status302Found);
        }

        WelcomeView view;
        try
        {
            view = found.IsRefused ? Refused(found.Refusal) : await show(found.Entry!);
        }
        catch (TenantRefusedException refused)
        {
            view = Refused(refused.Refusal, refused.RetryAfter);
        }
        catch (Exception e) when (!Context.RequestAborted.IsCancellationRequested)
        {
            LogBroken(logger, e);
            view = Broken();
        }

        return Page(found.Entry is { IsLegacy: false } tenant
            ? view with { Address = urls.Of(tenant.Subdomain) } : view);
    }

    private RazorComponentResult<WelcomeDocument> Page(WelcomeView view)
    {
        if (view.RetryAfter is { } wait)
        {
            Context.Response.Headers.RetryAfter =
                Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return new(new Dictionary<string, object?> { [nameof(WelcomeDocument.View)] = view })
        {
            StatusCode = view.Status,
        };
    }

    private async Task<WelcomeView> ShowAsync(TenantEntry tenant) =>
        await invitations.FindAsync(tenant, Token, Context.RequestAborted) is { } open
            ? new WelcomeView(WelcomeState.Form)
            {
                Email = open.Email, LegalName = open.LegalName, IsRecovery = open.IsRecovery,
            }
            : new WelcomeView(WelcomeState.Gone);

    private async Task<WelcomeView> AcceptAsync(TenantEntry tenant)
    {
        var shown = await ShowAsync(tenant);
        if (shown.State != WelcomeState.Form)
        {
            return shown;
        }

        IFormCollection form;
        try
        {
            form = Context.Request.HasFormContentType
                ? await Context.Request.ReadFormAsync(Context.RequestAborted) : FormCollection.Empty;
        }
        catch (Exception e) when (UnreadableForm.StatusOf(e) is { } status)
        {
            return shown with { Unreadable = status, PasswordError = texts["FormUnreadable"] };
        }

        var (password, again) = (form["password"].ToString(), form["password-again"].ToString());
        if (password.Length == 0)
        {
            return shown with { PasswordError = texts["PasswordRequired"] };
        }

        if (TenantPasswords.Problem(password) is { } problem)
        {
            return shown with { PasswordError = problem.Render() };
        }

        if (password != again)
        {
            return shown with { PasswordAgainError = texts["PasswordDifferent"] };
        }

        try
        {
            await invitations.AcceptAsync(
                tenant, Token, password, Context.Connection.RemoteIpAddress?.ToString(), Context.RequestAborted);
            return shown with { State = WelcomeState.Done };
        }
        catch (RuleException gone) when (gone.Reason.Code == "invitation_gone")
        {
            // Another request used the link first.
            return shown with { State = WelcomeState.Gone };
        }
        catch (Exception full) when (LimitReached.TryDescribe(full, out _))
        {
            // The account was blocked, and setting its password would make it count again.
            return shown with { State = WelcomeState.Full };
        }
    }

    private static WelcomeView Refused(TenantRefusal refusal, TimeSpan? wait = null) => refusal switch
    {
        TenantRefusal.Inactive => new WelcomeView(WelcomeState.Closed),
        _ when TenantRefusals.StatusOf(refusal) == StatusCodes.Status503ServiceUnavailable =>
            Broken() with { RetryAfter = wait ?? Later },
        _ => new WelcomeView(WelcomeState.Unknown),
    };

    private static WelcomeView Broken() =>
        new(WelcomeState.Broken) { RetryAfter = Later, TraceId = Activity.Current?.TraceId.ToHexString() };

    [LoggerMessage(Level = LogLevel.Error, Message = "The page of an invitation failed")]
    private static partial void LogBroken(ILogger logger, Exception exception);
}
