using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>A role with this name exists and does not belong to the portal. The role was not changed.</summary>
public sealed class RoleConflictException(string role) : RuleException("role_exists_not_ours", role);
