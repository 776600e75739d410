using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Foundation.Text;

/// <summary>The rule for JSON, compared with a real jsonb for the same text.</summary>
public sealed class StorableJsonTests(PostgresServer server)
{
    private const int MaxBytes = 256 * 1024;

    public static TheoryData<string, string?> Texts => new()
    {
        { "{}", null },
        { """{"a":1.50,"b":[-0.0,1e3,null],"ñ":{"😀":"\ud83d\ude00"}}""", null },
        { """{"a":1,"a":1}""", "config_key_twice" },
        { """{"a":1,"\u0061":2}""", "config_key_twice" },
        { """{"x":[1,{"y":{"a":1,"b":2,"a":3}}]}""", "config_key_twice" },
        { """{"a":{"b":1},"b":{"a":1}}""", null },
        { """{"a":1e131071}""", null },
        { """{"a":1e131072}""", "config_number" },
        { """{"a":1e400000}""", "config_number" },
        { """{"a":-12e131071}""", "config_number" },
        { """{"a":1e-16383}""", null },
        { """{"a":1e-16384}""", "config_number" },
        { """{"a":1.5e-16383}""", "config_number" },
        { """{"a":1e999999999999999999999}""", "config_number" },
        { """{"a":1e131071,"b":1e131071,"c":"x"}""", "config_too_large" },

        // The stored text is measured, with its own blanks and not with those of the input.
        { $$"""{"a":[{{string.Join(',', Enumerable.Repeat('0', 131_000))}}]}""", "config_too_large" },
        { $$"""{"a":[{{string.Join(",\n            ", Enumerable.Repeat("0", 40_000))}}]}""", null },
        { """{"a":"\n\t\"\\\/","b":[],"c":{},"d":[true,false,null],"e":{"":""},"f":[[1],[2,3]]}""", null },
        { """{"a":[0e5,-0,-0.0,0.001e5,0.00,100e-2,1.5e3,-1.5e-3,12E+2]}""", null },
        { """{"a":"\u0000"}""", "config_forbidden_character" },
        { """{"a":"\ud800"}""", "config_forbidden_character" },
        { """{"\udc00":1}""", "config_forbidden_character" },
        { """[1]""", "config_not_object" },
        { """{"a":NaN}""", "config_no_json" },
        { """{"a":01}""", "config_no_json" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Problem_TextThatJsonbRefuses_IsReported(string text, string? code)
    {
        Assert.Equal(code, StorableJson.ObjectProblem(text, MaxBytes)?.Code);
        if (code is not null)
        {
            return;
        }

        // Accepted JSON is stored, and read back with the same value.
        await using var connection =
            await PostgresServer.OpenAsync(server.SuperuserUrl("postgres"), TestContext.Current.CancellationToken);
        await using var command =
            new NpgsqlCommand("SELECT $1::jsonb::text",
            connection)
            { Parameters = { new() { Value = text, NpgsqlDbType = NpgsqlDbType.Text } } };
        var stored = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(text), JsonElement.Parse(stored)),
            stored.Length > 200 ? $"{stored.Length}" : stored);
        Assert.Null(StorableJson.ObjectProblem(stored, MaxBytes));

        // It is measured to the byte.
        var bytes = Encoding.UTF8.GetByteCount(stored);
        Assert.Null(StorableJson.ObjectProblem(text, bytes));
        Assert.Equal("config_too_large", StorableJson.ObjectProblem(text, bytes - 1)?.Code);
    }

    [Theory]
    [InlineData("""{"a": 1.0, "b": [1, 2]}""", """{"b":[1,2],"a":1.0}""", true)]
    [InlineData("""{"a": "ñ"}""", """{"a":"\u00f1"}""", true)]
    [InlineData("""{"a": 1.0}""", """{"a": 1.00}""", false)]
    [InlineData("""{"a": [1, 2]}""", """{"a": [2, 1]}""", false)]
    [InlineData("""{"a": null}""", """{}""", false)]
    public void IsSameJson_TwoTexts_ComparesValuesExactly(string one, string other, bool same) =>
        Assert.Equal(same, AuditStored.IsSameJson(one, other));
}
