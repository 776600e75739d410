using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.TenantSide;

/// <summary>Recognises what a tenant's database refuses, by its constraints.</summary>
internal static class TenantSaving
{
    // The row that these refer to was there when it was looked up, and may be deleted before the new row is added.
    private static readonly Dictionary<string, string> References = new()
    {
        ["FK_users_empleados_empleado_id"] = "empleado_id",
        ["FK_user_roles_roles_role_id"] = "roles",
        ["FK_comprobantes_establecimientos_establecimiento_id"] = "establecimiento_id",
    };

    /// <summary>Adds a row. Names the value that another row has, and the reference that leads nowhere.</summary>
    /// <param name="session">The user's session.</param>
    /// <param name="row">The row.</param>
    /// <param name="taken">The code of the refusal for each unique index.</param>
    /// <param name="cancellationToken">Cancels; nothing is written then.</param>
    /// <exception cref="RuleException">Another row has the value, or a limit is reached.</exception>
    /// <exception cref="InvalidInputException">The row names another one that does not exist.</exception>
    public static async Task AddAsync(
        this TenantUserSession session, object row, IReadOnlyDictionary<string, string> taken,
        CancellationToken cancellationToken)
    {
        try
        {
            await session.AddAsync(row, cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: { } index
        } && taken.TryGetValue(index, out var code))
        {
            throw new RuleException(code);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.ForeignKeyViolation
        } missing && FieldOf(missing) is { } field)
        {
            throw new InvalidInputException(field, new Message("reference_unknown"));
        }
    }

    // The trigger that keeps the roles of a user names the column instead of a constraint.
    private static string? FieldOf(PostgresException missing) =>
        missing.ConstraintName is { } constraint ? References.GetValueOrDefault(constraint)
        : missing.ColumnName == "roles" ? "roles" : null;
}
