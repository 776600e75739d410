using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Audit;
using Vigia.Portal;
using Vigia.Portal.Components.Audit;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Audit;

public sealed class AuditRecordsTests : ComponentTest
{
    private static readonly Dictionary<int, string> Names = new() { [7] = "Andes S.A.C." };

    private static readonly AuditEvent Created = new()
    {
        Seq = 12, At = new DateTimeOffset(2026, 11, 24, 15, 0, 0, TimeSpan.Zero), ActorName = "Ana",
        Action = "tenant.created", TenantId = 7, Via = "Facturación", Reason = "Contrato 8", PreviousHash = [],
        OperationId = Guid.Parse("0193b1a4-0000-7000-8000-000000000001"),
    };

    public AuditRecordsTests() => Services.AddScoped<AuditSentences>();

    [Theory]
    [InlineData("es-PE", "registró al cliente Andes S.A.C.", "Motivo: Contrato 8", "Ana · con «Facturación»")]
    [InlineData("en", "registered client Andes S.A.C.", "Reason: Contrato 8", "Ana · with “Facturación”")]
    public void AuditRecords_Row_IsASentenceWithItsReason(string language, string sentence, string reason, string who)
    {
        Speak(language);
        var cells = Records(null).FindAll("tbody td");

        Assert.Equal(who, TextOf(cells[1]));
        Assert.Equal(sentence, TextOf(cells[2].QuerySelector("span")!));
        Assert.Equal(reason, TextOf(cells[2].QuerySelector(".quiet")!));
        Assert.Equal("2026-11-24 15:00:00 UTC", cells[0].GetAttribute("title"));
    }

    // A link to the page that the person is on would lead nowhere.
    [Theory]
    [InlineData(null, true)]
    [InlineData(8, true)]
    [InlineData(7, false)]
    public void AuditRecords_Tenant_IsALinkExceptOnItsOwnPage(int? about, bool isLink) => Assert.Equal(
        isLink ? 1 : 0, Records(about).FindAll($"a[href='{PortalUrls.Tenant(7)}']").Count);

    [Fact]
    public void AuditRecords_Details_OpenAndClose()
    {
        var records = Records(null);
        Assert.Empty(records.FindAll(".audit-open"));

        records.Find("button").Click();

        Assert.Equal("true", records.Find("button").GetAttribute("aria-expanded"));
        Assert.Single(records.FindAll(".audit-open"));
        records.Find("button").Click();
        Assert.Empty(records.FindAll(".audit-open"));
    }

    private IRenderedComponent<AuditRecords> Records(int? about) => Render<AuditRecords>(p => p
        .Add(r => r.Items, [Created]).Add(r => r.Names, Names).Add(r => r.About, about));
}
