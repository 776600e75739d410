using System.Text.Json;

namespace Vigia.Portal.Api;

/// <summary>
/// The stored form of an answer with a secret that is shown once, such as a token: the answer without it. A repeated
/// request gets that.
/// </summary>
internal sealed class AnswerToKeep(object answer)
{
    /// <summary>The body of the answer.</summary>
    public byte[] Body => JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), ApiJson.Options);
}
