using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// A database does not belong to the portal, or not only to it. See docs/rules.md#only-our-databases.
/// </summary>
public sealed class DatabaseConflictException(string code, params IReadOnlyList<string> args)
    : RuleException(code, args);

/// <summary>A role with this name exists and does not belong to the portal. The role was not changed.</summary>
public sealed class RoleConflictException(string role) : RuleException("role_exists_not_ours", role);
