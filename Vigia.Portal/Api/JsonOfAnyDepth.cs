using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vigia.Portal.Api;

/// <summary>
/// Writes JSON as it is stored, however deep. The limit of the API is for what is given to it: the product and psql
/// write to the registry too, and one row must not end the list of all.
/// </summary>
internal sealed class JsonOfAnyDepth : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    // The text as it was read. A writer would unescape and check it: it stops at the depth of the API's limit, and at
    // half a character, which a column of the type json may hold.
    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
}
