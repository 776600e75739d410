using System.Globalization;
using System.Resources;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Portal.Components.Isolation;

namespace Vigia.Tests.Components.Isolation;

/// <summary>Every attempt of a proof has a text.</summary>
public sealed class IsolationWordsTests
{
    [Fact]
    public void Codes_VerdictsAndCauses_HaveWords()
    {
        var texts = new ResourceManager(typeof(IsolationText))
            .GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!;
        string[] keys =
        [
            .. ProbeCatalogue.Codes.Select(c => $"Try_{c}"),
            .. Enum.GetNames<IsolationVerdict>().Select(v => $"About_{v}"),
            .. Enum.GetNames<ProofCause>().Select(c => $"Cause_{c}"),
            .. Enum.GetNames<AttemptOutcome>().Select(o => $"Outcome_{o}"),
        ];

        Assert.All(keys, key => Assert.False(string.IsNullOrEmpty(texts.GetString(key)), key));
    }
}
