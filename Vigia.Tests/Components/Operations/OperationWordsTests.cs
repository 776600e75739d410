using System.Collections;
using System.Globalization;
using System.Resources;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Operations;

/// <summary>Every kind and every step of an operation is shown with a text and not with its stored name.</summary>
public sealed class OperationWordsTests(PostgresServer server)
{
    [Theory]
    [InlineData("es-PE")]
    [InlineData("en")]
    public async Task Words_EveryKindAndStep_AreThere(string language)
    {
        var texts = FeatureNames.Sources.Prepend(typeof(OperationText))
            .SelectMany(type => new ResourceManager(type)
                .GetResourceSet(language == "en" ? new CultureInfo("en") : CultureInfo.InvariantCulture,
                createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>())
            .Select(text => (string)text.Key).ToHashSet();
        await using var host = await CoreHost.StartAsync(server, workers: false);
        var catalog = host.Get<OperationCatalog>();

        foreach (var kind in catalog.Kinds)
        {
            // A deletion without retention has every step that a deletion can have.
            var operation = new Operation
            {
                Kind = kind, RequestedByName = "",
                Data = """{"Row":"{}","WasActive":true,"Reason":"","RetentionDays":0}"""
            };
            Assert.True(texts.Contains($"Kind_{kind}"), kind.Code);
            Assert.All(catalog[kind].StepsFor(operation),
                step => Assert.True(texts.Contains($"Step_{step.Name}"), $"{kind}: {step.Name}"));
        }
    }
}
