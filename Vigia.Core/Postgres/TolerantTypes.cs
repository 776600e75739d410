using System.Text;
using Npgsql;
using Npgsql.Internal;
using Npgsql.Internal.Postgres;

// Marked as experimental by Npgsql. It is the only way to decide how a value of a type is read.
#pragma warning disable NPG9001

namespace Vigia.Core.Postgres;

/// <summary>
/// Reads values that PostgreSQL can hold and .NET can't, so that one such value in one row does not end the reading of
/// all rows. A time after the year 9999 or before the year 1 is read as the last or first moment of .NET, like
/// <c>infinity</c>. A time without a zone is read as one of UTC, which is what the product writes where a column has no
/// zone. In the name of a database or a role, bytes that are not UTF-8 are read as U+FFFD: such a name has
/// the encoding of the database in which it was given.
/// </summary>
internal sealed class TolerantTypes : PgTypeInfoResolverFactory
{
    private static readonly TolerantTypes Instance = new();

    private TolerantTypes()
    {
    }

    /// <summary>Makes the connections of a data source read such values.</summary>
    public static NpgsqlDataSourceBuilder AddTo(NpgsqlDataSourceBuilder builder)
    {
        builder.AddTypeInfoResolverFactory(Instance);
        return builder;
    }

    /// <summary>Whether a name could be read as it is. Only such a name can be used in a statement.</summary>
    public static bool IsWhole(string name) => !name.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>Reads bytes of a server as text. Those that are not UTF-8 are read as U+FFFD.</summary>
    public static string TextOf(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    public override IPgTypeInfoResolver CreateResolver() => new Resolver();

    public override IPgTypeInfoResolver? CreateArrayResolver() => null;

    private sealed class Resolver : IPgTypeInfoResolver
    {
        private readonly TypeInfoMappingCollection _mappings = Mappings();

        // A value that is read without a type keeps the type that Npgsql gives it.
        public PgTypeInfo? GetTypeInfo(Type? type, DataTypeName? dataTypeName, PgSerializerOptions options) =>
            type is null || dataTypeName is null ? null : _mappings.Find(type, dataTypeName, options);

        private static TypeInfoMappingCollection Mappings()
        {
            var mappings = new TypeInfoMappingCollection();
            mappings.AddStructType<DateTimeOffset>("pg_catalog.timestamptz",
                static (options, mapping, _) => mapping.CreateInfo(options, new Moments()));
            mappings.AddStructType<DateTimeOffset>("pg_catalog.timestamp",
                static (options, mapping, _) => mapping.CreateInfo(options, new Moments()));
            mappings.AddType<string>("pg_catalog.name",
                static (options, mapping, _) => mapping.CreateInfo(options, new Names()));
            return mappings;
        }
    }

    /// <summary>Microseconds since the year 2000.</summary>
    private sealed class Moments : PgBufferedConverter<DateTimeOffset>
    {
        private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override bool CanConvert(DataFormat format, out BufferRequirements bufferRequirements)
        {
            bufferRequirements = BufferRequirements.CreateFixedSize(sizeof(long));
            return format is DataFormat.Binary;
        }

        protected override DateTimeOffset ReadCore(PgReader reader)
        {
            var microseconds = reader.ReadInt64();
            var (first, last) = (Of(DateTimeOffset.MinValue), Of(DateTimeOffset.MaxValue));
            return microseconds < first ? DateTimeOffset.MinValue : microseconds > last ? DateTimeOffset.MaxValue
                : Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        }

        protected override void WriteCore(PgWriter writer, DateTimeOffset value)
        {
            if (value.Offset != TimeSpan.Zero)
            {
                throw new ArgumentException($"{value:O} is not in UTC.", nameof(value));
            }

            writer.WriteInt64(value == DateTimeOffset.MaxValue ? long.MaxValue
                : value == DateTimeOffset.MinValue ? long.MinValue : Of(value));
        }

        private static long Of(DateTimeOffset value) => (value - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    private sealed class Names : PgBufferedConverter<string>
    {
        /// <summary>NAMEDATALEN. A server can be built with a larger value.</summary>
        private const int Longest = 1024;

        public override bool CanConvert(DataFormat format, out BufferRequirements bufferRequirements)
        {
            bufferRequirements = BufferRequirements.Create(Size.CreateUpperBound(Longest));
            return format is DataFormat.Binary or DataFormat.Text;
        }

        public override Size GetSize(SizeContext context, string value, ref object? writeState) =>
            Encoding.UTF8.GetByteCount(value);

        protected override string ReadCore(PgReader reader) =>
            Encoding.UTF8.GetString(reader.ReadBytes(reader.CurrentRemaining));

        protected override void WriteCore(PgWriter writer, string value) =>
            writer.WriteBytes(Encoding.UTF8.GetBytes(value));
    }
}
