using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Team;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Team;

public sealed class TeamWordsTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Ana · a@x.pe · Auditor · hasta el 5/09/2026")]
    [InlineData("en", "Ana · a@x.pe · Auditor · until 5 Sep 2026")]
    public void SignedText_WithADay_IsInTheReadersLanguage(string language, string words)
    {
        Speak(language);

        Assert.Equal(words, TeamWords.WhatIsSigned(
            "Ana", "a@x.pe", new StaffAccess([StaffRoles.Auditor], null, new DateOnly(2026, 9, 5)),
            Services.GetRequiredService<IStringLocalizer<TeamText>>()));
    }
}
