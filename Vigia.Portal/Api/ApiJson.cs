using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Vigia.Portal.Api;

/// <summary>JSON settings of the HTTP API: snake_case and strict parsing.</summary>
internal static class ApiJson
{
    /// <summary>The maximum depth of nesting.</summary>
    public const int MostLevels = 64;

    public static readonly JsonSerializerOptions Options =
        Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        options.MaxDepth = MostLevels;

        // ñ is not escaped. Characters that could end a script element still are.
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        return options;
    }
}
