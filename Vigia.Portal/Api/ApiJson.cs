using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Vigia.Portal.Api;

/// <summary>The JSON of the HTTP API: snake_case, nothing guessed.</summary>
internal static class ApiJson
{
    /// <summary>Levels of nesting that are read at all.</summary>
    public const int MostLevels = 64;

    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        options.MaxDepth = MostLevels;

        // ñ stays ñ; what could end a script element is escaped all the same.
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        return options;
    }
}
