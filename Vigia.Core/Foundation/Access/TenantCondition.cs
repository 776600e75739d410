using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Access;

/// <summary>
/// The version of one tenant's row that a caller has read and acts on. It is demanded under the lock of the row,
/// because another person may change the row until then.
/// </summary>
/// <param name="Holds">Whether the caller accepts this version of the row.</param>
public sealed record TenantCondition(int TenantId, Func<uint, bool> Holds)
{
    /// <exception cref="RuleException"><c>version_differs</c>.</exception>
    public void Demand(int tenantId, uint version)
    {
        if (tenantId == TenantId && !Holds(version))
        {
            throw new RuleException("version_differs");
        }
    }
}
