using Bunit;
using Microsoft.AspNetCore.Http;
using Vigia.Portal.Components.Transport;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Transport;

public sealed class TransportNoticeTests : ComponentTest
{
    [Theory]
    [InlineData("http", "portal.empresa.pe", true)]
    [InlineData("http", "10.0.0.4", true)]
    [InlineData("http", "localhost.empresa.pe", true)]
    [InlineData("https", "portal.empresa.pe", false)]
    [InlineData("http", "localhost", false)]
    [InlineData("http", "portal.localhost", false)]
    [InlineData("http", "127.0.0.5", false)]
    [InlineData("http", "[::1]", false)]
    public void TransportNotice_Connection_IsWarnedOfWhenOthersCanReadIt(string scheme, string host, bool warned)
    {
        var http = new DefaultHttpContext();
        (http.Request.Scheme, http.Request.Host) = (scheme, new HostString(host));

        var notice = Render<TransportNotice>(p => p.AddCascadingValue<HttpContext>(http));

        Assert.Equal(warned ? ["Esta conexión no está cifrada"] : [], notice.FindAll("strong").Select(TextOf));
    }
}
