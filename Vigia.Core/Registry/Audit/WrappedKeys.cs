using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Secrets;

namespace Vigia.Core.Registry.Audit;

/// <summary>The result of rewrapping the keys in the master.</summary>
/// <param name="Rewrapped">
/// The number of keys that were opened with the previous secret and wrapped with the current one.
/// </param>
/// <param name="Unchanged">The number of keys that were already wrapped with the current secret.</param>
public sealed record Rewrapping(int Rewrapped, int Unchanged);

/// <summary>
/// The keys in the master that are wrapped with keys derived from the portal's secret: those of Data Protection, with
/// which all other secrets in the master are encrypted, and those of the audit trail. A change of the secret only
/// rewraps these keys.
/// </summary>
public sealed partial class WrappedKeys(
    IDbContextFactory<MasterContext> contexts, SecretKeyRing ring, NeededKeys needed, AuditTrail audit,
    ILogger<WrappedKeys> logger)
{
    /// <summary>
    /// Checks at the start that the keys can be opened. Data Protection itself would skip a key that it can't open and
    /// create a new one, and then every credential would fail one by one. Rows that the portal never wrapped are
    /// skipped, because they are not its keys.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>keys_not_opened</c>. <c>keys_missing</c>: something was encrypted with keys that no longer exist.
    /// </exception>
    public async Task DemandOpenAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var keys = (await db.Set<DataProtectionKey>().AsNoTracking().ToListAsync(cancellationToken))
            .Where(key => SealedKeyRepository.Wrapped(key) is not null).ToList();
        var closed = keys.Count(key => SealedKeyRepository.Open(ring, key) is null);
        ThrowIfClosed(keys.Count, closed);
        if (keys.Count == 0 && await AuditTrail.ReadHeadAsync(db, cancellationToken) is { WrappedKey: not null } head
            && AuditKeys.Open(head, ring) is null)
        {
            // With no other key, a wrong secret can't be distinguished from keys that were tampered with. Both are
            // reported in the same way.
            ThrowIfClosed(2, 2);
        }

        if (await needed.MissingAsync(db, keys, ring, cancellationToken) is { Count: > 0 } missing)
        {
            throw new RuleException("keys_missing", string.Join(", ", missing));
        }
    }

    /// <summary>
    /// Checks before the master is migrated that the secret is the one of its keys. A portal with another secret must
    /// not change a master that another build may be working on. Does nothing where there are no keys yet, or where the
    /// portal's role may not read them, which the check of its rights explains better.
    /// </summary>
    /// <exception cref="RuleException"><c>keys_not_opened</c>.</exception>
    internal static async Task DemandFitAsync(
        NpgsqlConnection session, SecretKeyRing ring, CancellationToken cancellationToken)
    {
        await using (var look = new NpgsqlCommand(
            """
            SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'portal' AND c.relname = 'data_protection_keys'
                  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
            """, session))
        {
            if (await look.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return;
            }
        }

        var (all, closed) = (0, 0);
        await using var command = new NpgsqlCommand("SELECT xml FROM portal.data_protection_keys", session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new DataProtectionKey
            {
                Xml = await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetString(0),
            };
            all += SealedKeyRepository.Wrapped(key) is null ? 0 : 1;
            closed += SealedKeyRepository.Wrapped(key) is not null && SealedKeyRepository.Open(ring, key) is null
                ? 1 : 0;
        }

        ThrowIfClosed(all, closed);
    }

    /// <summary>
    /// Wraps the keys that only the previous secret opens with the current secret. Changes either all of them, or
    /// nothing when one of them opens with neither secret.
    /// </summary>
    /// <exception cref="RuleException"><c>keys_not_opened</c>: nothing was changed.</exception>
    /// <exception cref="AuditChainClosedException">
    /// The head of the audit trail can't be read. Nothing was changed.
    /// </exception>
    public async Task<Rewrapping> RewrapAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // A portal that adds a key in the meantime waits. It knows both secrets, because otherwise it would not run.
        await db.Database.ExecuteSqlAsync(
            $"LOCK TABLE portal.data_protection_keys IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var (all, rewrapped, closed) = (0, 0, 0);
        foreach (var key in await db.Set<DataProtectionKey>().ToListAsync(cancellationToken))
        {
            if (SealedKeyRepository.Wrapped(key) is null)
            {
                LogSkipped(logger, key.Id);
                continue;
            }

            all++;
            if (SealedKeyRepository.Open(ring, key) is not { } opened)
            {
                closed++;
            }
            else if (!opened.WithCurrent)
            {
                key.Xml = SealedKeyRepository.Wrap(ring, opened.Plain);
                rewrapped++;
            }
        }

        var head = await AuditTrail.LockHeadAsync(db, cancellationToken)
            ?? throw new AuditChainClosedException(new Message("audit_head_altered"));
        all += head.WrappedKey is null ? 0 : 2;
        var chain = AuditKeys.Rewrap(head, ring);
        (rewrapped, closed) = (rewrapped + chain.Rewrapped, closed + chain.Closed);
        ThrowIfClosed(all, closed);
        if (rewrapped > 0)
        {
            await audit.CommitAsync(
                db, Actor.System, new AuditEntry(
                "keys.rewrapped")
                { After = new Dictionary<string, object?> { ["keys"] = rewrapped } },
                cancellationToken);
        }

        return new Rewrapping(rewrapped, all - rewrapped);
    }

    private static void ThrowIfClosed(int all, int closed)
    {
        if (closed > 0)
        {
            throw new RuleException("keys_not_opened", $"{closed}", $"{all}");
        }
    }

    [LoggerMessage(Level = LogLevel.Critical,
        Message = "Key {KeyId} in portal.data_protection_keys was not wrapped by this portal and is not changed. "
            + "Somebody may have put it there")]
    private static partial void LogSkipped(ILogger logger, int keyId);
}
