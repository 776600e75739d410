using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Secrets;

/// <summary>What became of the keys in the master.</summary>
/// <param name="Rewrapped">Opened with SECRET_KEY_PREVIOUS and wrapped with SECRET_KEY.</param>
/// <param name="AsTheyWere">With SECRET_KEY already.</param>
public sealed record Rewrapping(int Rewrapped, int AsTheyWere);

/// <summary>
/// Data Protection's keys as they lie in the master, wrapped with one derived from SECRET_KEY. Everything else that is encrypted there is encrypted with
/// them, so changing SECRET_KEY means wrapping these few anew and nothing more.
/// </summary>
public sealed class WrappedKeys(IDbContextFactory<MasterContext> contexts, SecretKeyRing ring, AuditTrail audit)
{
    /// <summary>
    /// Checks before anything needs them that they can be opened. Data Protection itself would pass over one it can't open, make a new one, and
    /// let every credential fail one by one.
    /// </summary>
    /// <exception cref="RuleException"><c>keys_not_opened</c>.</exception>
    public async Task DemandOpenAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var keys = await db.DataProtectionKeys.AsNoTracking().ToListAsync(cancellationToken);
        Demand(keys.Count, keys.Count(key => Wrapping(key) is { } wrapped && SecretWrapping.Open(ring, wrapped.Value) is null));
    }

    /// <summary>Wraps what SECRET_KEY_PREVIOUS opens with SECRET_KEY: all of it, or nothing when one of them opens with neither.</summary>
    /// <exception cref="RuleException"><c>keys_not_opened</c>: nothing was changed.</exception>
    public async Task<Rewrapping> RewrapAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // A portal that adds a key meanwhile waits; it knows both secrets or it would not run.
        await db.Database.ExecuteSqlAsync($"LOCK TABLE portal.data_protection_keys IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var keys = await db.DataProtectionKeys.ToListAsync(cancellationToken);
        var (rewrapped, closed) = (0, 0);
        foreach (var key in keys)
        {
            if (Wrapping(key) is not { } wrapped)
            {
                continue;
            }

            if (SecretWrapping.Open(ring, wrapped.Value) is not { } opened)
            {
                closed++;
            }
            else if (!opened.WithCurrent)
            {
                wrapped.Value = SecretWrapping.Close(ring, opened.Plain);
                key.Xml = wrapped.Document!.Root!.ToString(SaveOptions.DisableFormatting);
                rewrapped++;
            }
        }

        Demand(keys.Count, closed);
        if (rewrapped > 0)
        {
            await audit.CommitAsync(db, Actor.System, new AuditEntry("keys.rewrapped") { After = new Dictionary<string, object?> { ["keys"] = rewrapped } }, cancellationToken);
        }

        return new Rewrapping(rewrapped, keys.Count - rewrapped);
    }

    private static void Demand(int all, int closed)
    {
        if (closed > 0)
        {
            throw new RuleException("keys_not_opened", $"{closed}", $"{all}");
        }
    }

    // Null for a key that is not wrapped by us.
    private static XElement? Wrapping(DataProtectionKey key) => key.Xml is null ? null : XDocument.Parse(key.Xml).Descendants(SecretWrapping.Element).FirstOrDefault();
}
