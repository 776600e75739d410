using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Tenancy;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// The refusals that the users of tenants get. Their codes are those of docs/rules.md#tenant-resolution. Some have
/// another sentence than for staff, because only staff can do what that one advises, or because it names a database.
/// </summary>
internal static class TenantProblems
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static Problem Of(TenantRefusedException refused)
    {
        var problem = new Problem(TenantRefusals.StatusOf(refused.Refusal), refused.Reason);
        return refused.Refusal switch
        {
            TenantRefusal.Unknown => problem with { Sentence = new Message("tenant_side_unknown") },
            TenantRefusal.Renamed when refused.Reason.Args is [var name] => problem with
            {
                Sentence = new Message("tenant_renamed_to", name),
                Fields = new Dictionary<string, object?> { ["subdominio"] = name },
            },
            TenantRefusal.NotReady => problem with { RetryAfter = refused.RetryAfter ?? Later },
            _ when problem.Status == StatusCodes.Status503ServiceUnavailable => problem with
            {
                RetryAfter = refused.RetryAfter ?? Later,
                Sentence = new Message("tenant_side_unavailable"),
            },
            _ => problem,
        };
    }

    /// <summary>The problem for an error of a call of a tenant's user.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="tenant">The tenant of the call; null when none was found.</param>
    public static Problem Of(Exception exception, TenantEntry? tenant)
    {
        var problem = Problem.Of(exception);
        if (problem.IsBroken && tenant is { IsLegacy: true } && LegacyTenant.GapIn(exception) is not null)
        {
            return new(StatusCodes.Status409Conflict, new Message(LegacyTenant.SchemaDiffers));
        }

        return problem.Reason.Code switch
        {
            LimitReached.Code => problem with { Sentence = problem.Reason with { Code = "tenant_side_limit" } },
            "not_authenticated" => problem with { Sentence = new Message("tenant_side_not_authenticated") },
            "credentials_wrong" => problem with { Sentence = new Message("tenant_side_credentials_wrong") },
            "unavailable" or "read_only" or "audit_closed" => problem with
            {
                Sentence = new Message("tenant_side_unavailable"),
            },
            _ => problem,
        };
    }
}
