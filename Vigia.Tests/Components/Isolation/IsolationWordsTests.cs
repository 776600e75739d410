using System.Globalization;
using System.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Portal.Components.Isolation;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Isolation;

/// <summary>Every attempt of a proof has a text.</summary>
public sealed class IsolationWordsTests : ComponentTest
{
    // Nobody refuses a look into the catalogue.
    [Theory]
    [InlineData(AttemptOutcome.Refused, IsolationAttempt.NothingFound, null, "Nada encontrado")]
    [InlineData(AttemptOutcome.Refused, null, "42501", "Se negó · 42501")]
    [InlineData(AttemptOutcome.NotTried, IsolationAttempt.NotApplicable, null, "No corresponde aquí")]
    [InlineData(AttemptOutcome.GotThrough, "superuser", null, "Se logró · superuser")]
    public void Happened_SaysWhatBecameOfTheAttempt(
        AttemptOutcome outcome, string? detail, string? code, string words) =>
        Assert.Equal(words, IsolationWords.Result(
            new IsolationAttempt("attributes", null, outcome, code, detail),
            Services.GetRequiredService<IStringLocalizer<IsolationText>>()));

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
