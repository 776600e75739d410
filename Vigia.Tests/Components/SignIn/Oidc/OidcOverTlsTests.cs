using System.Net;
using Microsoft.AspNetCore.Hosting;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Tests.Browser;
using Vigia.Tests.Components.Transport;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>
/// With a certificate, the cookies of a sign-in at the provider are valid for this host alone, like all others.
/// </summary>
public sealed class OidcOverTlsTests(OidcOverTlsTests.Encrypted host) : IClassFixture<OidcOverTlsTests.Encrypted>
{
    [Fact]
    public async Task SignIn_OverTls_EveryCookieIsOfThisHostOnly()
    {
        var member = await host.AddStaffAsync("Segura Persona", StaffRoles.Support);
        host.Provider.Be("segura", member.Email);
        using var visitor = new OidcVisitor(host.Address);

        var arrival = await visitor.SignInAsync(PortalUrls.Tenants);

        Assert.Equal((HttpStatusCode.OK, PortalUrls.Tenants, true),
            (arrival.Status, arrival.Address.AbsolutePath, visitor.IsSignedIn));
        Assert.All(visitor.Cookies, cookie => Assert.True(
            cookie.StartsWith("__Host-", StringComparison.Ordinal)
                && cookie.Contains("; path=/;", StringComparison.Ordinal)
                && cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase)
            && !cookie.Contains("samesite=none", StringComparison.OrdinalIgnoreCase), cookie));
        Assert.Contains(visitor.Cookies,
            cookie => cookie.StartsWith("__Host-vigia.oidc.nonce.", StringComparison.Ordinal));
    }

    public sealed class Encrypted(PostgresServer server) : OidcHost(server)
    {
        protected override void Listen()
        {
            var certificate = EncryptedTests.Encrypted.NewCertificate();
            UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        }
    }
}
