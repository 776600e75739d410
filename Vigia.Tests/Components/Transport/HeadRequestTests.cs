using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Portal.Components.Transport;

namespace Vigia.Tests.Components.Transport;

/// <summary>A refused HEAD names the methods that are allowed (RFC 9110, section 15.5.6).</summary>
public sealed class HeadRequestTests
{
    [Fact]
    public async Task Head_Refused_NamesAllMethodsOfItsRoute()
    {
        Endpoint[] endpoints = [Of("/uno", "GET"), Of("/uno", "POST"), Of("/otro", "DELETE")];
        await using var services = new ServiceCollection()
            .AddSingleton<EndpointDataSource>(new DefaultEndpointDataSource(endpoints)).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        (context.Request.Method, context.Request.Path) = ("HEAD", "/uno");
        await HeadRequests.BeforeRouting(context, _ => Task.CompletedTask);
        context.SetEndpoint(endpoints[0]);

        await HeadRequests.AfterRouting(context, _ => throw new InvalidOperationException("It was not refused."));

        Assert.Equal((405, "GET, POST"), (context.Response.StatusCode, context.Response.Headers.Allow.ToString()));
    }

    private static RouteEndpoint Of(string route, string method) => new(
        _ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0,
        new EndpointMetadataCollection(new HttpMethodMetadata([method])), null);
}
