using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// The requirements for passkeys: discoverable without a user name, and unlocked with a fingerprint, face or PIN.
/// </summary>
internal static class PasskeySetup
{
    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddScoped<PasskeySignIn>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<VigiaSettings>((options, settings) =>
        {
            // The device verifies the user. This makes a passkey two factors by itself.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            if (settings.PortalBaseUrl is { } address)
            {
                // Behind a proxy, the request may not show the address that the browser used. The setting has it.
                var origin = address.GetLeftPart(UriPartial.Authority);
                options.ServerDomain = address.Host;
                options.ValidateOrigin = context =>
                    ValueTask.FromResult(
                    !context.CrossOrigin && string.Equals(context.Origin, origin, StringComparison.OrdinalIgnoreCase));
            }
        });
    }
}
