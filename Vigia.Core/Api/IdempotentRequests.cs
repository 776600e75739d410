using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Api;

/// <summary>The state of the key of a request.</summary>
public enum IdempotencyOutcome
{
    /// <summary>The key is new. The caller must process the request.</summary>
    Started,

    /// <summary>The same request was answered before.</summary>
    Answered,

    /// <summary>The same request is in progress.</summary>
    InProgress,

    /// <summary>The key was used with another request.</summary>
    Reused,
}

/// <summary>The result of checking a key.</summary>
/// <param name="Outcome">The state of the key.</param>
/// <param name="Status">The HTTP status of the stored answer.</param>
/// <param name="Answer">The stored answer.</param>
/// <param name="StartedAt">The start of the attempt. It identifies the attempt to which the answer belongs.</param>
public sealed record IdempotencyCheck(
    IdempotencyOutcome Outcome, int? Status, byte[]? Answer, DateTimeOffset StartedAt);

/// <summary>
/// Stores answers by person and <c>Idempotency-Key</c>. The primary key lets only one of two simultaneous requests
/// start.
/// </summary>
public sealed class IdempotentRequests(
    IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>The time for which a stored answer is repeated.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>
    /// The time after which a request without an answer counts as lost with its process. It may then be tried again.
    /// </summary>
    public static readonly TimeSpan Lost = TimeSpan.FromMinutes(5);

    private readonly IDataProtector _protector = protection.CreateProtector("Vigia.Api.IdempotentAnswers");

    /// <summary>
    /// Reserves the key for a request, or says what its state is. The text of the request contains everything that
    /// distinguishes it from another request.
    /// </summary>
    public async Task<IdempotencyCheck> BeginAsync(
        Guid staffId, string key, string request, CancellationToken cancellationToken)
    {
        var (hash, now) = (SHA256.HashData(Encoding.UTF8.GetBytes(request)), Now());
        var (over, lost) = (now - Kept, now - Lost);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var taken = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.idempotent_requests AS r (staff_id, key, request_hash, created_at) VALUES ({staffId}, {key}, {hash}, {now})
            ON CONFLICT (staff_id, key) DO UPDATE SET request_hash = excluded.request_hash, created_at = excluded.created_at, status = NULL, protected_answer = NULL
            WHERE r.created_at <= {over} OR (r.status IS NULL AND r.created_at <= {lost})
            """, cancellationToken);
        if (taken == 1)
        {
            return new IdempotencyCheck(IdempotencyOutcome.Started, null, null, now);
        }

        var row = await db.Set<IdempotentRequest>().AsNoTracking()
            .SingleOrDefaultAsync(r => r.StaffId == staffId && r.Key == key, cancellationToken);
        return row switch
        {
            // Null: the key was released between the two statements. The next request with it can start.
            null or { Status: null } when row is null || row.RequestHash.AsSpan().SequenceEqual(hash) =>
                new IdempotencyCheck(IdempotencyOutcome.InProgress, null, null, now),
            not null when !row.RequestHash.AsSpan().SequenceEqual(hash) =>
                new IdempotencyCheck(IdempotencyOutcome.Reused, null, null, now),
            _ => new IdempotencyCheck(
                IdempotencyOutcome.Answered, row!.Status,
                _protector.Unprotect(Convert.FromBase64String(row.ProtectedAnswer!)), now),
        };
    }

    /// <summary>Stores the answer, encrypted because it may contain a one-time link.</summary>
    public async Task EndAsync(
        Guid staffId, string key, DateTimeOffset startedAt, int status, byte[] answer,
        CancellationToken cancellationToken)
    {
        var sealedAnswer = Convert.ToBase64String(_protector.Protect(answer));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<IdempotentRequest>().Where(r => r.StaffId == staffId && r.Key == key && r.CreatedAt == startedAt)
            .ExecuteUpdateAsync(
                set => set.SetProperty(r => r.Status, status).SetProperty(r => r.ProtectedAnswer, sealedAnswer),
                cancellationToken);
    }

    /// <summary>Releases the key, because the request had no effect that a second attempt would repeat.</summary>
    public async Task ForgetAsync(
        Guid staffId, string key, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<IdempotentRequest>().Where(r => r.StaffId == staffId && r.Key == key && r.CreatedAt == startedAt)
            .ExecuteDeleteAsync(cancellationToken);
    }

    // PostgreSQL stores microseconds.
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
