using System.Globalization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Shared;

/// <summary>Adds the texts of the pages.</summary>
internal static class WordingSetup
{
    public static IServiceCollection AddWording(this IServiceCollection services)
    {
        services.AddLocalization();
        services.AddSingleton<ResourceManagerStringLocalizerFactory>();
        services.Replace(ServiceDescriptor.Singleton<IStringLocalizerFactory, WordingFactory>());
        return services;
    }
}

/// <summary>
/// The texts of the pages, filled like all others (<see cref="Blanks"/>): one rule for numbers, plural and the point at
/// the end.
/// </summary>
internal sealed class WordingFactory(ResourceManagerStringLocalizerFactory resources) : IStringLocalizerFactory
{
    public IStringLocalizer Create(Type resourceSource) => new Wording(resources.Create(resourceSource));

    public IStringLocalizer Create(string baseName, string location) =>
        new Wording(resources.Create(baseName, location));

    private sealed class Wording(IStringLocalizer texts) : IStringLocalizer
    {
        public LocalizedString this[string name] => texts[name];

        public LocalizedString this[string name, params object[] arguments]
        {
            get
            {
                var text = texts[name];
                return new LocalizedString(
                    name, Blanks.Fill(CultureInfo.CurrentCulture, text.Value, arguments), text.ResourceNotFound,
                    text.SearchedLocation);
            }
        }

        public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) =>
            texts.GetAllStrings(includeParentCultures);
    }
}
