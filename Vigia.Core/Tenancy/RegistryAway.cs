using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Tenancy;

/// <summary>Questions of requests to a registry that may be away.</summary>
internal static class RegistryAway
{
    /// <summary>Waits for an answer of the registry.</summary>
    /// <exception cref="TenantRefusedException">
    /// <c>registry_unavailable</c>: it does not answer, or this master may be a copy, which can't tell whose a database
    /// is (docs/rules.md#copied-master).
    /// </exception>
    public static async Task<T> AnswerAsync<T>(Task<T> asking)
    {
        try
        {
            return await asking;
        }
        catch (RuleException e) when (e.Reason.Code == "read_only")
        {
            throw new TenantRefusedException(TenantRefusal.RegistryUnavailable);
        }
        catch (Exception e) when (TransientFailures.IsServerUnavailable(e))
        {
            throw new TenantRefusedException(TenantRefusal.RegistryUnavailable);
        }
    }
}
