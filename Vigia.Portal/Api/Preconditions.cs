using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenants;
using Vigia.Portal.Api.TenantSide;

namespace Vigia.Portal.Api;

/// <summary>The answer has a tag, which the conditions of a request may name.</summary>
internal sealed class Tagged;

/// <summary>
/// Evaluates <c>If-Match</c> and <c>If-None-Match</c> in the order of RFC 9110 section 13.2.2. The tag of a call on one
/// tenant is that of the tenant. Nothing else has a tag, and a call on it with tags in <c>If-Match</c> is refused: what
/// is not checked must not be done. Nothing has a modification date, so the conditions on dates are ignored
/// (sections 13.1.3 and 13.1.4).
/// </summary>
internal sealed class Preconditions(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.GetEndpoint()?.Metadata is { } call
            && (call.GetMetadata<RightRequired>() is not null || call.GetMetadata<TenantCall>() is not null))
        {
            if (call.GetMetadata<Tagged>() is not null)
            {
                await ReadAsync(context, headers.IfMatch, headers.IfNoneMatch);
                return;
            }

            if (headers.IfMatch.Count + headers.IfNoneMatch.Count > 0)
            {
                await DemandAsync(context, headers.IfMatch, headers.IfNoneMatch);
            }
        }

        await next(context);
    }

    /// <summary>Documents the conditions of every call that changes one tenant.</summary>
    public static void Document(RouteGroupBuilder api) => ((IEndpointConventionBuilder)api).Finally(call =>
    {
        if (call is RouteEndpointBuilder { RoutePattern: var route } && IsOfTenant(route.RawText)
            && !IsRead(call.Metadata))
        {
            call.Metadata.Add(new Heeds(HeaderNames.IfMatch));
            call.Metadata.Add(new Heeds(HeaderNames.IfNoneMatch));
            call.Metadata.Add(new Refusals(StatusCodes.Status412PreconditionFailed,
                ["version_differs", "condition_failed"]));
        }
    });

    private static bool IsRead(IEnumerable<object> metadata) =>
        metadata.OfType<IHttpMethodMetadata>().Any(m => m.HttpMethods.Contains(HttpMethods.Get));

    private static bool IsOfTenant(string? route) =>
        route?.Contains("clientes/{id:int}", StringComparison.Ordinal) == true;

    private async Task ReadAsync(HttpContext context, StringValues match, StringValues noneMatch)
    {
        var (response, body) = (context.Response, context.Response.Body);
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await next(context);
            await response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            response.Body = body;
        }

        var row = response.StatusCode == StatusCodes.Status200OK ? response.Headers.ETag.ToString() : "";
        if (match.Count > 0 && !Matches(match, row, wholly: false))
        {
            throw new RuleException("version_differs");
        }

        if (row.Length > 0)
        {
            var tag = EntityTags.Of(row, written.GetBuffer().AsSpan(0, (int)written.Length));
            response.Headers.ETag = tag;
            if (noneMatch.Count > 0 && Matches(noneMatch, tag, wholly: true))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                (response.ContentType, response.ContentLength) = (null, null);
                return;
            }
        }

        written.Position = 0;
        await written.CopyToAsync(body, context.RequestAborted);
    }

    private static async Task DemandAsync(HttpContext context, StringValues match, StringValues noneMatch)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method);
        if (isRead || !IsOfTenant((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText))
        {
            if (match.Count > 0 && !Matches(match, "", wholly: false))
            {
                throw new ApiRefusal(StatusCodes.Status412PreconditionFailed, new Message("condition_failed"));
            }

            return;
        }

        var (id, caller) = (int.Parse($"{context.GetRouteValue("id")}", CultureInfo.InvariantCulture),
            await Caller.BindAsync(context));
        var found = await context.RequestServices.GetRequiredService<TenantSearch>().GetAsync(
            caller.Reader, id, context.RequestAborted);
        if (found.View is null && found.Trashed is null)
        {
            return;
        }

        var row = found.View is { } view ? EntityTags.Of(view.Row.Version) : "";
        if (match.Count > 0 && !Matches(match, row, wholly: false))
        {
            throw new RuleException("version_differs");
        }

        if (noneMatch.Count > 0 && (EntityTags.Read(noneMatch) is null || Matches(noneMatch, row, wholly: false)))
        {
            throw new ApiRefusal(StatusCodes.Status412PreconditionFailed, new Message("condition_failed"));
        }

        // Demanded again under the lock of the row, whatever the call does.
        context.Features.Set(new TenantCondition(id, version =>
            (match.Count == 0 || Matches(match, EntityTags.Of(version), wholly: false))
            && (noneMatch.Count == 0 || !Matches(noneMatch, EntityTags.Of(version), wholly: false))));
    }

    // Tags are compared weakly: see EntityTags. A condition that can't be read names nothing.
    private static bool Matches(StringValues condition, string tag, bool wholly) =>
        EntityTags.Read(condition)?.Any(given => given == "*"
            || (wholly ? given == tag : EntityTags.OfRow(given) == tag && tag.Length > 0)) == true;
}
