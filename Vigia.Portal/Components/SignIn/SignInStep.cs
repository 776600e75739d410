using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// The state of a person who completed the first step (password or identity provider) and still owes the second factor.
/// It is an encrypted cookie that lasts ten minutes and gives access to the next step only. It identifies the person
/// and never holds the password. A change of password or security stamp makes it invalid.
/// </summary>
public sealed class SignInStep(IHttpContextAccessor http, UserManager<StaffMember> staff)
{
    public const string Scheme = "vigia.step";
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private const string Binding = "binding";
    private const string Secret = "secret";
    private const string First = "first";

    private HttpContext Context => http.HttpContext!;

    /// <summary>Starts the next step.</summary>
    /// <param name="member">The person who completed the first step.</param>
    /// <param name="secret">
    /// For a person who has to set up an authenticator: the secret that is shown until it is confirmed.
    /// </param>
    /// <param name="first">
    /// The method of the first step: <see cref="SignInMethods.Password"/> or <see cref="SignInMethods.Oidc"/>.
    /// </param>
    public Task RememberAsync(StaffMember member, byte[]? secret, string first)
    {
        var identity = new ClaimsIdentity(Scheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, member.Id.ToString()));
        identity.AddClaim(new Claim(Binding, BindingOf(member)));
        identity.AddClaim(new Claim(First, first));
        if (secret is not null)
        {
            identity.AddClaim(new Claim(Secret, Convert.ToBase64String(secret)));
        }

        return Context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
    }

    /// <summary>
    /// The person at the next step, the secret that they are shown, and the method of their first step. Null when there
    /// is none.
    /// </summary>
    public async Task<(StaffMember Member, byte[]? Secret, string First)?> ReadAsync()
    {
        var step = await Context.AuthenticateAsync(Scheme);
        if (step.Principal?.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id
            || await staff.FindByIdAsync(id) is not { } member
                || step.Principal.FindFirstValue(Binding) != BindingOf(member))
        {
            return null;
        }

        return (member, step.Principal.FindFirstValue(Secret) is { } secret ? Convert.FromBase64String(secret) : null,
            step.Principal.FindFirstValue(First) ?? SignInMethods.Password);
    }

    public Task ForgetAsync() => Context.SignOutAsync(Scheme);

    private static string BindingOf(StaffMember member) =>
        Convert.ToHexString(
            SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{member.SecurityStamp}|{member.PasswordHash}|{member.TwoFactorEnabled}")));
}

internal static class SignInStepSetup
{
    public static void AddSignInStep(this IServiceCollection services) =>
        services.AddAuthentication().AddCookie(SignInStep.Scheme, options =>
    {
        options.Cookie.Name = SignInStep.Scheme;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.ExpireTimeSpan = SignInStep.Lifetime;
        options.SlidingExpiration = false;
    });
}
