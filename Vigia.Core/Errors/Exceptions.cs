namespace Vigia.Core.Errors;

/// <summary>Refused by a rule: nothing was changed, and the message says why and what to do.</summary>
public class RuleException(Message reason) : Exception(reason.Render())
{
    public RuleException(string code, params IReadOnlyList<string> args) : this(new Message(code, args))
    {
    }

    /// <summary>Why, as a stable code with arguments.</summary>
    public Message Reason { get; } = reason;
}

/// <summary>The acting person lacks a right. Nothing was changed.</summary>
public sealed class ForbiddenException(string right) : RuleException("forbidden", right)
{
    public string Right { get; } = right;
}

/// <summary>What was asked for does not exist (any more).</summary>
public sealed class NotFoundException(string code, params IReadOnlyList<string> args) : RuleException(code, args);

/// <summary>Input that breaks the rules of its fields. Nothing was changed.</summary>
public sealed class InvalidInputException(IReadOnlyDictionary<string, IReadOnlyList<Message>> errors)
    : Exception(string.Join("; ", errors.Select(e => $"{e.Key}: {string.Join(", ", e.Value.Select(m => m.Render()))}")))
{
    public InvalidInputException(string field, Message error)
        : this(new Dictionary<string, IReadOnlyList<Message>> { [field] = [error] })
    {
    }

    /// <summary>Messages by field name (the HTTP API's snake_case names).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Message>> Errors { get; } = errors;
}
