using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Counts wrong tries in the master, for all instances together. A try is counted before its password is looked at, and
/// taken back when it was right, so that a hundred simultaneous tries are a hundred. After some free tries each further
/// one has to wait longer. Names that nobody has are counted alike. See docs/decisions/staff.md#d210.
/// </summary>
public sealed class SignInThrottle(
    IDbContextFactory<MasterContext> contexts, SecretKeyRing secrets, SignInLockout lockout,
    IOptions<StaffOptions> options, TimeProvider time)
{
    /// <summary>The wait after the last free try. Each further wrong try doubles it.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    /// <summary>How long a counter is kept after its last try. By then all its tries are forgotten.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>
    /// The tries of a counter that is kept for <see cref="KeptWithFew"/> only. Each is forgotten within a quarter of an
    /// hour. Strangers choose the names, so there may be many such counters.
    /// </summary>
    internal const int Few = 24;

    /// <summary>How long a counter with few tries is kept: they and its last wait are over by then.</summary>
    internal static readonly TimeSpan KeptWithFew = (TimeSpan.FromMinutes(15) * Few) + LongestWait;

    internal StaffOptions Options => options.Value;

    /// <summary>
    /// Counts a try in all these counters, or in none: a try that one of them refuses is not looked at, so it must not
    /// count in the others. They are asked in their order, which keeps a source that is refused from making new rows.
    /// </summary>
    /// <exception cref="TooManyTriesException">One of them accepts none now.</exception>
    internal async Task<IReadOnlyList<TakenTry>> TakeAsync(
        IReadOnlyList<TryCounter> counters, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var taken = new List<TakenTry>();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var counter in counters)
        {
            var key = KeyOf(counter);
            var row = (await db.Database.SqlQuery<TryRow>($"""
                SELECT failures, blocked_until, taken FROM portal.take_sign_in_try(
                    {key}, {now}, {counter.Free}, {counter.Forgets}, {FirstWait}, {LongestWait})
                """).ToListAsync(cancellationToken)).Single();
            if (!row.Taken)
            {
                throw new TooManyTriesException(row.BlockedUntil!.Value - now);
            }

            taken.Add(new TakenTry(counter, key, row.Failures, row.BlockedUntil));
        }

        await transaction.CommitAsync(cancellationToken);
        return taken;
    }

    /// <summary>
    /// Keeps the try counted, because it was wrong. With the last free try of an account the audit trail gets a record,
    /// which administrators are shown. <paramref name="member"/> is null when nobody has the address.
    /// </summary>
    internal async Task FailAsync(
        IReadOnlyList<TakenTry> taken, StaffMember? member, string? address, CancellationToken cancellationToken)
    {
        if (member is not null
            && taken.FirstOrDefault(t => !t.Counter.IsShared && t.Failures == t.Counter.Free) is { } last)
        {
            await lockout.RecordAsync(member, last.BlockedUntil!.Value, address, cancellationToken);
        }
    }

    /// <summary>Takes the try back: it was right, but more is asked of the person.</summary>
    internal Task TakeBackAsync(IReadOnlyList<TakenTry> taken, CancellationToken cancellationToken) =>
        EndAsync(taken, forget: false, cancellationToken);

    /// <summary>Takes the try back and forgets the person's earlier ones: it was right.</summary>
    internal Task ForgetAsync(IReadOnlyList<TakenTry> taken, CancellationToken cancellationToken) =>
        EndAsync(taken, forget: true, cancellationToken);

    /// <summary>Forgets the wrong tries of a counter: its person proved who they are in another way.</summary>
    internal async Task ForgetAsync(TryCounter counter, CancellationToken cancellationToken)
    {
        var key = KeyOf(counter);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<SignInTry>().Where(t => t.Key == key).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// Until when no further password or code is accepted for these accounts, from unknown browsers or from one on
    /// which the person signed in before.
    /// </summary>
    internal async Task<IReadOnlyDictionary<Guid, TriesWait>> BlockedAsync(
        MasterContext db, IReadOnlyCollection<StaffMember> members, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var browsers = await KnownBrowsers.OfAsync(db, members.Select(member => member.Id), cancellationToken);
        var keys = (from member in members
                    where member.NormalizedEmail is not null
                    from counter in TryCounter.OfMember(member, Options).Select(c => (Counter: c, IsKnown: false))
                        .Concat(browsers[member.Id].SelectMany(device => TryCounter.OfBrowser(member, device, Options))
                            .Select(c => (Counter: c, IsKnown: true)))
                    select (Key: Convert.ToHexString(KeyOf(counter.Counter)), member.Id, counter.IsKnown))
            .ToDictionary(p => p.Key, p => (p.Id, p.IsKnown));
        var wanted = keys.Keys.Select(Convert.FromHexString).ToList();
        var rows = await db.Set<SignInTry>().AsNoTracking()
            .Where(t => wanted.Contains(t.Key) && t.BlockedUntil > now).ToListAsync(cancellationToken);
        return rows.Select(t => (Of: keys[Convert.ToHexString(t.Key)], Until: t.BlockedUntil!.Value))
            .GroupBy(t => t.Of.Id)
            .ToDictionary(of => of.Key, of => new TriesWait(of.Max(t => t.Until), of.All(t => t.Of.IsKnown)));
    }

    /// <summary>
    /// Forgets all wrong passwords and codes for an account, from unknown and from known browsers, in the caller's
    /// transaction.
    /// </summary>
    internal async Task ForgetAccountAsync(MasterContext db, StaffMember member, CancellationToken cancellationToken)
    {
        var browsers = await KnownBrowsers.OfAsync(db, [member.Id], cancellationToken);
        var keys = TryCounter.OfMember(member, Options)
            .Concat(browsers[member.Id].SelectMany(device => TryCounter.OfBrowser(member, device, Options)))
            .Select(KeyOf).ToList();
        await db.Set<SignInTry>().Where(t => keys.Contains(t.Key)).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task EndAsync(IReadOnlyList<TakenTry> taken, bool forget, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var one in taken)
        {
            var row = db.Set<SignInTry>().Where(t => t.Key == one.Key);
            if (forget && !one.Counter.IsShared)
            {
                await row.ExecuteDeleteAsync(cancellationToken);
                continue;
            }

            // Only the wait that this try began ends with it.
            var until = one.BlockedUntil;
            await row.ExecuteUpdateAsync(
                set => set.SetProperty(t => t.Failures, t => t.Failures > 0 ? t.Failures - 1 : 0)
                    .SetProperty(t => t.BlockedUntil, t => t.BlockedUntil == until ? null : t.BlockedUntil),
                cancellationToken);
        }
    }

    private byte[] KeyOf(TryCounter counter) =>
        HMACSHA256.HashData(secrets.Derive("vigia sign-in tries"), Encoding.UTF8.GetBytes(counter.Subject));

    private sealed record TryRow(int Failures, DateTimeOffset? BlockedUntil, bool Taken);
}

/// <summary>Until when no password or code of an account is accepted.</summary>
/// <param name="Until">The end of the longest wait.</param>
/// <param name="IsKnownBrowserOnly">Whether only browsers wait on which the person signed in before.</param>
internal sealed record TriesWait(DateTimeOffset Until, bool IsKnownBrowserOnly);

/// <summary>A try that was counted.</summary>
/// <param name="Counter">Where it was counted.</param>
/// <param name="Key">The counter's key.</param>
/// <param name="Failures">The number of tries with this one.</param>
/// <param name="BlockedUntil">The end of the wait that this one began; null when it began none.</param>
internal sealed record TakenTry(TryCounter Counter, byte[] Key, int Failures, DateTimeOffset? BlockedUntil);
