using System.Globalization;
using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The tag of a tenant's row and the conditions that name it (RFC 9110 section 13).</summary>
internal static class EntityTags
{
    public static string Of(Tenant row) => $"\"{row.Version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>
    /// The version that <c>If-Match</c> demands; null for any. A weak tag counts like a strong one: a proxy that
    /// compresses answers makes our tags weak, and the caller could never again change what it has read.
    /// </summary>
    /// <exception cref="RuleException"><c>version_differs</c>: no tag is that of the row.</exception>
    public static uint? Demand(HttpRequest request, Tenant row)
    {
        if (request.Headers.IfMatch is not { Count: > 0 } given)
        {
            return null;
        }

        if (!EntityTagHeaderValue.TryParseList(given, out var tags))
        {
            throw new RuleException("version_differs");
        }

        return tags.Contains(EntityTagHeaderValue.Any) ? null
            : Matches(tags, row) ? row.Version : throw new RuleException("version_differs");
    }

    private static bool Matches(IList<EntityTagHeaderValue> tags, Tenant row)
    {
        var own = new EntityTagHeaderValue(Of(row));
        return tags.Any(tag => tag.Compare(own, useStrongComparison: false));
    }
}
