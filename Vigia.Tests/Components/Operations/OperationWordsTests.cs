using System.Globalization;
using System.Resources;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Operations;
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
        var texts = new ResourceManager(typeof(OperationText))
            .GetResourceSet(language == "en" ? new CultureInfo("en") : CultureInfo.InvariantCulture,
            createIfNotExists: true, tryParents: false)!;
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
            Assert.True(texts.GetString($"Kind_{kind}") is { Length: > 0 }, kind.Code);
            Assert.All(catalog[kind].StepsFor(operation),
                step => Assert.True(texts.GetString($"Step_{step.Name}") is { Length: > 0 }, $"{kind}: {step.Name}"));
        }
    }
}
