namespace Vigia.Core.Foundation.Errors;

/// <summary>A rule refuses the call. Nothing was changed. The message says why and what to do.</summary>
public class RuleException(Message reason) : Exception(reason.Render())
{
    public RuleException(string code, params IReadOnlyList<string> args) : this(new Message(code, args))
    {
    }

    /// <summary>The reason: a stable code with arguments.</summary>
    public Message Reason { get; } = reason;
}

/// <summary>The acting person lacks a right. Nothing was changed.</summary>
public sealed class ForbiddenException(string right) : RuleException("forbidden", right)
{
    public string Right { get; } = right;
}

/// <summary>The requested thing does not exist, or no longer exists.</summary>
public sealed class NotFoundException(string code, params IReadOnlyList<string> args) : RuleException(code, args);

/// <summary>The input breaks the rules of its fields. Nothing was changed.</summary>
public sealed class InvalidInputException(IReadOnlyDictionary<string, IReadOnlyList<Message>> errors)
    : Exception(string.Join("; ", errors.Select(e => $"{e.Key}: {string.Join(", ", e.Value.Select(m => m.Render()))}")))
{
    public InvalidInputException(string field, Message error)
        : this(new Dictionary<string, IReadOnlyList<Message>> { [field] = [error] })
    {
    }

    /// <summary>Messages by field name (the snake_case names of the HTTP API).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Message>> Errors { get; } = errors;
}
