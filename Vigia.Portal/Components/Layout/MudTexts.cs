using System.Globalization;
using Microsoft.Extensions.Localization;
using MudBlazor;

namespace Vigia.Portal.Components.Layout;

/// <summary>The Spanish texts of MudBlazor. Its English texts are built in.</summary>
internal sealed class MudTexts(IStringLocalizer<MudTexts> texts) : MudLocalizer
{
    public override LocalizedString this[string key] =>
        CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "es" ? texts[key]
            : new LocalizedString(key, key, resourceNotFound: true);

    public override LocalizedString this[string key, params object[] arguments] =>
        CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "es" ? texts[key, arguments]
            : new LocalizedString(key, key, resourceNotFound: true);
}
