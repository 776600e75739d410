# By digest, if wanted: --build-arg RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet@sha256:…
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK_IMAGE} AS build
WORKDIR /src
COPY global.json nuget.config Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY Vigia.Core/Vigia.Core.csproj Vigia.Core/packages.*lock.json Vigia.Core/
COPY Vigia.Portal/Vigia.Portal.csproj Vigia.Portal/packages.*lock.json Vigia.Portal/
ARG TARGETARCH=amd64
RUN echo "linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" >/runtime && \
    dotnet restore Vigia.Portal -p:RuntimeIdentifier="$(cat /runtime)" --locked-mode
COPY appsettings.json ./
COPY Vigia.Core Vigia.Core
COPY Vigia.Portal Vigia.Portal
RUN dotnet publish Vigia.Portal --no-restore -c Release -r "$(cat /runtime)" -o /app

FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /app ./
ENV ASPNETCORE_HTTP_PORTS=8080 VIGIA_DATA_DIR=/tmp/vigia
EXPOSE 8080
# For a volume with the signed heads of the audit trail.
RUN mkdir -p /var/lib/vigia/audit-heads && chown -R 1654:1654 /var/lib/vigia
USER 1654:1654
# The image has no curl: the program asks itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["dotnet", "Vigia.Portal.dll", "health"]
ENTRYPOINT ["dotnet", "Vigia.Portal.dll"]
