using Vigia.Core.Errors;

namespace Vigia.Portal.Api;

/// <summary>A refusal that only HTTP knows: a precondition, a key used twice, too many requests.</summary>
internal sealed class ApiRefusal(int status, Message reason) : Exception(reason.Code)
{
    public int Status { get; } = status;

    public Message Reason { get; } = reason;

    public TimeSpan? RetryAfter { get; init; }
}
