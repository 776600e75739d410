using Vigia.Core.Errors;

namespace Vigia.Core.Postgres;

/// <summary>A database is not ours, or not only ours; nothing was done to it (invariant 2).</summary>
public sealed class DatabaseConflictException(string code, params IReadOnlyList<string> args) : RuleException(code, args);

/// <summary>A role of that name exists and is not ours; nothing was done to it.</summary>
public sealed class RoleConflictException(string role) : RuleException("role_exists_not_ours", role);
