using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;

namespace Vigia.Core.Api;

/// <summary>What became of a key that came with a request.</summary>
public enum IdempotencyOutcome
{
    /// <summary>Nobody used it: the request is to be worked on.</summary>
    Started,

    /// <summary>The same request was answered.</summary>
    Answered,

    /// <summary>The same request is being worked on.</summary>
    InProgress,

    /// <summary>It came with another request.</summary>
    Reused,
}

/// <summary>A key as it was found.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Status">The HTTP status answered.</param>
/// <param name="Answer">What was answered.</param>
/// <param name="StartedAt">By which the answer is stored with the try that it belongs to.</param>
public sealed record IdempotencyCheck(IdempotencyOutcome Outcome, int? Status, byte[]? Answer, DateTimeOffset StartedAt);

/// <summary>Answers by <c>Idempotency-Key</c>, per person; the primary key lets one of two at the same instant in.</summary>
public sealed class IdempotentRequests(IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>How long an answer is given again.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>No request takes as long: one without an answer by then was lost with its process, and may be tried again.</summary>
    public static readonly TimeSpan Lost = TimeSpan.FromMinutes(5);

    private readonly IDataProtector _protector = protection.CreateProtector("Vigia.Api.IdempotentAnswers");

    /// <summary>Takes the key for a request, or says what became of it.</summary>
    /// <param name="staffId">Whose key.</param>
    /// <param name="key">As it was sent.</param>
    /// <param name="request">All that makes the request another one.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<IdempotencyCheck> BeginAsync(Guid staffId, string key, string request, CancellationToken cancellationToken)
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

        var row = await db.IdempotentRequests.AsNoTracking().SingleOrDefaultAsync(r => r.StaffId == staffId && r.Key == key, cancellationToken);
        return row switch
        {
            // Given up between the two statements; whoever asks again has it.
            null or { Status: null } when row is null || row.RequestHash.AsSpan().SequenceEqual(hash) => new IdempotencyCheck(IdempotencyOutcome.InProgress, null, null, now),
            not null when !row.RequestHash.AsSpan().SequenceEqual(hash) => new IdempotencyCheck(IdempotencyOutcome.Reused, null, null, now),
            _ => new IdempotencyCheck(IdempotencyOutcome.Answered, row!.Status, _protector.Unprotect(Convert.FromBase64String(row.ProtectedAnswer!)), now),
        };
    }

    /// <summary>Keeps the answer. It may hold a one-time link, so it is sealed.</summary>
    public async Task EndAsync(Guid staffId, string key, DateTimeOffset startedAt, int status, byte[] answer, CancellationToken cancellationToken)
    {
        var sealedAnswer = Convert.ToBase64String(_protector.Protect(answer));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.IdempotentRequests.Where(r => r.StaffId == staffId && r.Key == key && r.CreatedAt == startedAt)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Status, status).SetProperty(r => r.ProtectedAnswer, sealedAnswer), cancellationToken);
    }

    /// <summary>Gives the key back: nothing was done that a second try would do twice.</summary>
    public async Task ForgetAsync(Guid staffId, string key, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.IdempotentRequests.Where(r => r.StaffId == staffId && r.Key == key && r.CreatedAt == startedAt).ExecuteDeleteAsync(cancellationToken);
    }

    // PostgreSQL keeps microseconds.
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
