using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// A database does not belong to the portal, or not only to it. See docs/rules.md#only-our-databases.
/// </summary>
public sealed class DatabaseConflictException(string code, params IReadOnlyList<string> args)
    : RuleException(code, args);
