using Microsoft.AspNetCore.Identity;
using Vigia.Core.Configuration;

namespace Vigia.Portal.Components.Account;

/// <summary>What a passkey has to be here: found without a name, and opened by its owner's finger, face or number.</summary>
internal static class PasskeySetup
{
    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddScoped<PasskeySignIn>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<VigiaSettings>((options, settings) =>
        {
            // Verified by the device: that makes a passkey two factors by itself.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            if (settings.PortalBaseUrl is { } address)
            {
                // Behind a proxy the request may not know how the browser reached it; the setting does.
                var origin = address.GetLeftPart(UriPartial.Authority);
                options.ServerDomain = address.Host;
                options.ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && string.Equals(context.Origin, origin, StringComparison.OrdinalIgnoreCase));
            }
        });
    }
}
