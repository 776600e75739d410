using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Api;

/// <summary>A refusal that exists only in HTTP: a failed precondition, a reused key, too many requests.</summary>
internal sealed class ApiRefusal(int status, Message reason) : Exception(reason.Code)
{
    public int Status { get; } = status;

    public Message Reason { get; } = reason;

    public TimeSpan? RetryAfter { get; init; }
}
