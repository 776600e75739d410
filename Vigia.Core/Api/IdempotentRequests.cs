using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Api;

/// <summary>The state of the key of a request.</summary>
public enum IdempotencyOutcome
{
    /// <summary>The key is new. The caller must process the request.</summary>
    Started,

    /// <summary>The same request was answered before.</summary>
    Answered,

    /// <summary>The same request was done, and its answer was lost. The caller must build it from the effect.</summary>
    Done,

    /// <summary>The same request is in progress.</summary>
    InProgress,

    /// <summary>The key was used with another request.</summary>
    Reused,
}

/// <summary>The result of checking a key.</summary>
/// <param name="Outcome">The state of the key.</param>
/// <param name="Attempt">The attempt that holds the key.</param>
public sealed record IdempotencyCheck(IdempotencyOutcome Outcome, Guid Attempt)
{
    /// <summary>The stored answer.</summary>
    public StoredAnswer? Answer { get; init; }

    /// <summary>The effect of the request, if there is no stored answer.</summary>
    public RequestEffect? Effect { get; init; }

    /// <summary>The language that the answer has.</summary>
    public string? Language { get; init; }
}

/// <summary>An answer as it is stored.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Content">Headers and body, as the caller made them.</param>
public sealed record StoredAnswer(int Status, byte[] Content);

/// <summary>
/// Stores answers by person and <c>Idempotency-Key</c>. The primary key lets only one of two simultaneous requests
/// start. An attempt that loses the key to a later one can't commit.
/// </summary>
public sealed class IdempotentRequests(
    IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection, SecretKeyRing secrets,
    TimeProvider time)
{
    /// <summary>The time for which a stored answer is repeated.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>
    /// The time without a sign of life after which a request without an effect counts as lost with its process. It may
    /// then be tried again.
    /// </summary>
    public static readonly TimeSpan Lost = TimeSpan.FromMinutes(5);

    /// <summary>The time between two signs of life of a request that takes long.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMinutes(1);

    private readonly IDataProtector _protector = protection.CreateProtector("Vigia.Api.IdempotentAnswers");

    /// <summary>
    /// Reserves the key for a request, or says what its state is. The text of the request contains everything that
    /// distinguishes it from another request.
    /// </summary>
    public async Task<IdempotencyCheck> BeginAsync(
        Guid staffId, string key, string request, string language, CancellationToken cancellationToken)
    {
        // A request may contain a password. Without the key nobody can find out a weak one from the stored hash.
        var hash = HMACSHA256.HashData(
            secrets.Derive("vigia idempotent requests"), Encoding.UTF8.GetBytes(request));
        var (now, attempt) = (time.GetUtcNow(), Guid.NewGuid());
        var (over, lost) = (now - Kept, now - Lost);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var taken = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.idempotent_requests AS r
                (staff_id, key, request_hash, created_at, alive_at, attempt, language)
            VALUES ({staffId}, {key}, {hash}, {now}, {now}, {attempt}, {language})
            ON CONFLICT (staff_id, key) DO UPDATE SET
                request_hash = excluded.request_hash, created_at = excluded.created_at,
                alive_at = excluded.alive_at, attempt = excluded.attempt, language = excluded.language,
                effect = NULL, status = NULL, protected_answer = NULL
            WHERE r.created_at <= {over}
                OR (r.status IS NULL AND r.effect IS NULL AND coalesce(r.alive_at, r.created_at) <= {lost})
            """, cancellationToken);
        if (taken == 1)
        {
            return new IdempotencyCheck(IdempotencyOutcome.Started, attempt);
        }

        var row = await db.Set<IdempotentRequest>().AsNoTracking()
            .SingleOrDefaultAsync(r => r.StaffId == staffId && r.Key == key, cancellationToken);
        if (row is null)
        {
            // The key was released between the two statements. The next request with it can start.
            return new IdempotencyCheck(IdempotencyOutcome.InProgress, attempt);
        }

        return row switch
        {
            _ when !row.RequestHash.AsSpan().SequenceEqual(hash) =>
                new IdempotencyCheck(IdempotencyOutcome.Reused, row.Attempt),
            { Status: not null } =>
                new IdempotencyCheck(IdempotencyOutcome.Answered, row.Attempt) { Answer = Open(row) },
            { Effect: { } effect } => new IdempotencyCheck(IdempotencyOutcome.Done, row.Attempt)
            {
                Effect = RequestEffect.Parse(effect), Language = row.Language,
            },
            _ => new IdempotencyCheck(IdempotencyOutcome.InProgress, row.Attempt),
        };
    }

    /// <summary>
    /// Stores the answer, encrypted because it may contain a one-time link. The first answer to one attempt stays.
    /// </summary>
    /// <returns>The answer that is stored; <paramref name="answer"/> when the key belongs to another attempt.</returns>
    public async Task<StoredAnswer> EndAsync(
        Guid staffId, string key, Guid attempt, StoredAnswer answer, CancellationToken cancellationToken)
    {
        var sealedAnswer = Convert.ToBase64String(_protector.Protect(answer.Content));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var mine = Attempts(db, staffId, key, attempt);
        var stored = await mine.Where(r => r.Status == null).ExecuteUpdateAsync(
            set => set.SetProperty(r => r.Status, answer.Status).SetProperty(r => r.ProtectedAnswer, sealedAnswer)
                .SetProperty(r => r.AliveAt, (DateTimeOffset?)null), cancellationToken);
        return stored == 0 && await mine.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { } first
            ? Open(first) : answer;
    }

    /// <summary>Releases the key, because the request had no effect that a second attempt would repeat.</summary>
    /// <returns>The effect when there was one: the key then stays.</returns>
    public async Task<RequestEffect?> ForgetAsync(
        Guid staffId, string key, Guid attempt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var mine = Attempts(db, staffId, key, attempt);
        await mine.Where(r => r.Effect == null).ExecuteDeleteAsync(cancellationToken);
        return await mine.Select(r => r.Effect).SingleOrDefaultAsync(cancellationToken) is { } effect
            ? RequestEffect.Parse(effect) : null;
    }

    /// <summary>Keeps the key for an attempt that takes long, until it is cancelled. Throws nothing.</summary>
    public async Task KeepAsync(Guid staffId, string key, Guid attempt, CancellationToken cancellationToken)
    {
        try
        {
            using var beats = new PeriodicTimer(Beat, time);
            while (await beats.WaitForNextTickAsync(cancellationToken))
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                var now = time.GetUtcNow();
                await Attempts(db, staffId, key, attempt).Where(r => r.Status == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(r => r.AliveAt, now), cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || TransientFailures.IsServerUnavailable(e))
        {
            // Cancelled, or the master is away. An attempt that loses its key by that can't commit.
        }
    }

    private static IQueryable<IdempotentRequest> Attempts(
        MasterContext db, Guid staffId, string key, Guid attempt) =>
        db.Set<IdempotentRequest>().Where(r => r.StaffId == staffId && r.Key == key && r.Attempt == attempt);

    private StoredAnswer Open(IdempotentRequest row) =>
        new(row.Status!.Value, _protector.Unprotect(Convert.FromBase64String(row.ProtectedAnswer!)));
}
