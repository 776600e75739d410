using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vigia.Core.Foundation.Text;

namespace Vigia.Portal.Api;

/// <summary>
/// Writes JSON as it is stored, however deep. The limit of the API is for what is given to it: the product and psql
/// write to the registry too, and one row must not end the list of all.
/// </summary>
internal sealed class JsonOfAnyDepth : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options)
    {
        // A writer of its own, because the depth of the one that is given ends with the limit of the API.
        var written = new ArrayBufferWriter<byte>();
        using (var any = new Utf8JsonWriter(written, new JsonWriterOptions
        {
            Encoder = options.Encoder, MaxDepth = StorableJson.AnyDepth.MaxDepth, SkipValidation = true,
        }))
        {
            value.WriteTo(any);
        }

        writer.WriteRawValue(written.WrittenSpan, skipInputValidation: true);
    }
}
