using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The trail accepts no records, because its keys are missing or its end is not the one that this portal signed last. A
/// record written now would hide that. Nothing was changed.
/// </summary>
public sealed class AuditChainClosedException(Message problem) : RuleException("audit_closed")
{
    public Message Problem { get; } = problem;
}

/// <summary>
/// Evaluates the head's row each time it is used, with knowledge from outside the database: the portal's secret, and
/// the latest head that this process wrote or found exported.
/// State of the process: the opened keys, the latest head that it knows, and the problem.
/// </summary>
public sealed partial class AuditStanding(SecretKeyRing ring, AuditHeadFolder folder, ILogger<AuditStanding> logger)
{
    private readonly Lock _gate = new();
    private (string? Key, string? SigningKey, AuditKeys Keys)? _opened;
    private (int Chain, Guid Id) _openedOf;
    private AuditHeadOfChain? _latest;
    private bool _folderRead;

    /// <summary>Why the trail accepts no records. Null when nothing is wrong.</summary>
    public Message? Problem { get; private set; }

    /// <summary>Reads and evaluates the head.</summary>
    /// <returns>The head (null when it can't be read) and the problem.</returns>
    internal async Task<(AuditHead? Head, Message? Problem)> CheckAsync(
        MasterContext db, CancellationToken cancellationToken)
    {
        // The known head is read first, because others may append between the two reads.
        var known = Latest();
        var head = await AuditTrail.ReadHeadAsync(db, cancellationToken);
        return (head, Evaluate(head, known));
    }

    /// <summary>Says what is wrong with a head. Null when nothing is wrong.</summary>
    /// <param name="head">The head as it was read. Null when it could not be read.</param>
    /// <param name="known">The latest head that was known before the read.</param>
    internal Message? Evaluate(AuditHead? head, AuditHeadOfChain? known)
    {
        var problem = head is null ? new Message("audit_head_altered") : ProblemOf(head, Open(head), known);
        if (problem is not null && problem != Problem)
        {
            LogClosed(logger, problem.Code, problem.Render());
        }
        else if (problem is null && Problem is not null)
        {
            LogOpen(logger);
        }

        return Problem = problem;
    }

    /// <summary>Returns the keys for appending to a locked head. Nobody else appends in the meantime.</summary>
    /// <exception cref="AuditChainClosedException">The head is wrong, so nothing may be appended.</exception>
    internal AuditKeys Demand([NotNull] AuditHead? head)
    {
        var problem = Evaluate(head, Latest());
        return head is null || problem is not null ? throw new AuditChainClosedException(problem!) : Open(head)!;
    }

    /// <summary>Remembers a head that was committed or exported.</summary>
    internal void Remember(AuditHead head)
    {
        lock (_gate)
        {
            var now = AuditHeadOfChain.Of(head);
            _latest = now.IsAfter(_latest) ? now : _latest;
        }
    }

    /// <summary>Opens the chain's keys. Null when they are missing or were not wrapped by this portal.</summary>
    internal AuditKeys? Open(AuditHead head)
    {
        lock (_gate)
        {
            if (_opened is { } opened && opened.Key == head.WrappedKey && opened.SigningKey == head.WrappedSigningKey
                && _openedOf == (head.Chain, head.ChainId))
            {
                return opened.Keys;
            }

            if (AuditKeys.Open(head, ring) is not { } keys)
            {
                return null;
            }

            // The previous keys are left to the garbage collector, because another thread may be signing with them.
            (_opened, _openedOf) = ((head.WrappedKey, head.WrappedSigningKey, keys), (head.Chain, head.ChainId));
            return keys;
        }
    }

    private static Message? ProblemOf(AuditHead head, AuditKeys? keys, AuditHeadOfChain? known)
    {
        if (keys is null)
        {
            return new Message(head.WrappedKey is null
                || head.WrappedSigningKey is null ? "audit_key_missing" : "audit_key_not_opened");
        }

        return keys.IsSigned(head) ? known?.ProblemOf(head) : new Message("audit_head_altered");
    }

    /// <summary>Returns the latest head that this process wrote or found exported.</summary>
    internal AuditHeadOfChain? Latest()
    {
        lock (_gate)
        {
            if (!_folderRead)
            {
                _folderRead = true;
                _latest = folder.Latest() is { } exported && exported.IsAfter(_latest) ? exported : _latest;
            }

            return _latest;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The audit trail accepts no records ({Code}): {Reason}")]
    private static partial void LogClosed(ILogger logger, string code, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit trail accepts records again")]
    private static partial void LogOpen(ILogger logger);
}
